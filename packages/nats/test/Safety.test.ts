import { assert, it } from "@effect/vitest"
import { Bus } from "@kanau/messaging"
import { NatsBus } from "@kanau/nats"
import { BusSteps, Servers } from "@kanau/testing"
import { Effect, Redacted } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { greet } from "./greetings.ts"

const { eventually, healthy } = BusSteps

const place = await Servers.natsPrefix()

/** A monitoring page as servers from 2.10 on have it. */
const monitoring = (config: object) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const page = { config }
      const server = createServer((request, response) =>
        request.url === "/jsz" ? response.end(JSON.stringify(page)) : response.writeHead(404).end()
      )
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      return { server, page, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    }),
    ({ server }) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  )

const checked = (monitorUrl: string) =>
  Effect.provide(NatsBus.layer({ url: Redacted.make(place.url), prefix: `${place.name}.`, monitorUrl }))

it.live("a server that does not sync what it confirms is not healthy, where it is asked (Jepsen, NATS 2.12.1)", () =>
  Effect.gen(function*() {
    const reason = Effect.flatMap(
      Bus.Health,
      ({ check }) => Effect.match(check, { onFailure: (fault) => fault.message, onSuccess: () => "" })
    )
    const lazy = yield* monitoring({ sync_interval: 120_000_000_000 })
    yield* eventually("it is known", Effect.map(reason, (text) => text.includes("sync_interval: always"))).pipe(
      checked(lazy.url)
    )
    const eager = yield* monitoring({ sync_always: true })
    yield* eventually("it is healthy", healthy).pipe(checked(eager.url))
  }).pipe(Effect.scoped))

it.live("the program of the README says hello", () =>
  Effect.map(
    greet({ url: Redacted.make(place.url), prefix: `${place.name}.` }),
    (text) => assert.strictEqual(text, "Hello, Aki")
  ))
