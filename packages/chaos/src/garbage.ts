/** Garbage for every kind of queue: all of it must end as dead letters, and the consumer must live on. */
import { Envelope } from "@kanau/core"
import { Bus, Consumer, EmbeddedBus } from "@kanau/messaging"
import { Database, Migrations } from "@kanau/postgres"
import * as OwnServers from "@kanau/testing/OwnServers"
import { Clock, Effect, Redacted } from "effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { busAt } from "./connections.ts"
import type { Chance } from "./faults.ts"
import { Fine, fine, fineOf, parcels } from "./parcels.ts"

/** Where queues can be. */
export type Kind = "embedded" | "rabbitmq" | "nats" | "postgres"
export const kinds: ReadonlyArray<Kind> = ["embedded", "rabbitmq", "nats", "postgres"]

export const queue = "garbage"

/** What a run came to. */
interface Result {
  readonly deadLetters: number
  readonly handled: number
  /** From the first message to rest. */
  readonly millis: number
  readonly perSecond: number
  /** The most memory this process had. */
  readonly rssMegabytes: number
  /** What is not as it should be. */
  readonly complaint: string | undefined
}

const servers: Readonly<Record<Exclude<Kind, "embedded">, () => Promise<OwnServers.OwnServer>>> = {
  rabbitmq: OwnServers.rabbitmq,
  nats: OwnServers.nats,
  postgres: OwnServers.postgres
}

/** A bus of this kind on a server of its own, until the scope closes. */
export const busOf = (kind: Kind) =>
  Effect.gen(function*() {
    if (kind === "embedded") {
      const folder = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "kanau-garbage-"))),
        (made) => Effect.promise(() => rm(made, { recursive: true, force: true }))
      )
      return EmbeddedBus.layer({ file: join(folder, "bus.db") })
    }
    const { url } = yield* Effect.acquireRelease(
      Effect.promise(() => servers[kind]()),
      ({ stop }) => Effect.promise(stop)
    )
    if (kind === "postgres") {
      yield* Migrations.run(Migrations.kanau).pipe(
        Effect.provide(Database.layer({ url: Redacted.make(url), applicationName: "migrations", maxConnections: 1 }))
      )
    }
    return busAt(url)
  })

const senders = 64
const patienceMillis = 60_000

/** A fine message, for others to be made after. */
export const sample = Effect.orDie(Envelope.make(new Fine({ n: 0 }), { source: "/garbage" }))

/** Sends so many messages to a consumer that knows one type, and waits until each is a dead letter or handled. */
export const run = (count: number, chance: Chance, report: (line: string) => void = () => undefined) =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const handled = new Map<number, number>()
    yield* Consumer.run(
      Consumer.make({
        queue,
        handlers: [
          Consumer.on(Fine, ({ n }) => Effect.sync(() => void handled.set(n, (handled.get(n) ?? 0) + 1)))
        ]
      }),
      { prefetch: 128 }
    )
    const began = yield* Clock.currentTimeMillis
    const model = yield* sample
    const left = parcels(count, chance, model)
    let sent = 0
    let rss = 0
    const sender = Effect.gen(function*() {
      for (let next = left.next(); next.done !== true; next = left.next()) {
        yield* bus.send(queue, next.value)
        if (++sent % 500 === 0) rss = Math.max(rss, process.memoryUsage.rss())
        if (sent % Math.ceil(count / 10) === 0) report(`${sent} of ${count} sent`)
      }
    })
    yield* Effect.all(Array.from({ length: senders }, () => sender), { concurrency: senders, discard: true })

    const expected = { fine: fineOf(count), garbage: count - fineOf(count) }
    let status = yield* bus.status(queue)
    const settled = () => (status?.deadLetters ?? 0) + handled.size
    const isOver = () =>
      status !== undefined && status.ready + status.delayed === 0 && handled.size === expected.fine &&
      status.deadLetters >= expected.garbage
    let progress = settled()
    let movedAt = yield* Clock.currentTimeMillis
    while (!isOver() && (yield* Clock.currentTimeMillis) - movedAt < patienceMillis) {
      yield* Effect.sleep("200 millis")
      status = yield* bus.status(queue)
      rss = Math.max(rss, process.memoryUsage.rss())
      if (settled() === progress) continue
      progress = settled()
      movedAt = yield* Clock.currentTimeMillis
      report(`${progress} of ${count} settled`)
    }
    const millis = (yield* Clock.currentTimeMillis) - began

    yield* bus.send(queue, fine(model, 0))
    const isAlive = yield* Effect.sleep("20 millis").pipe(
      Effect.repeat({ until: () => handled.has(0) }),
      Effect.timeoutOption("10 seconds")
    )
    // What would come twice has had its time.
    yield* Effect.sleep("1 second")
    status = yield* bus.status(queue)
    const twice = [...handled.values()].filter((times) => times > 1).length
    const complaints = [
      ...(isAlive._tag === "None" ? ["the consumer handles nothing more"] : []),
      ...(status?.deadLetters === expected.garbage
        ? []
        : [`${status?.deadLetters} dead letters instead of ${expected.garbage}`]),
      ...(handled.size === expected.fine + 1 ? [] : [`${handled.size} handled instead of ${expected.fine + 1}`]),
      ...(twice === 0 ? [] : [`${twice} handled more than once`]),
      ...(status?.ready === 0 && status.delayed === 0 ? [] : ["some are left"])
    ]
    return {
      deadLetters: status?.deadLetters ?? 0,
      handled: handled.size,
      millis,
      perSecond: Math.round(count / millis * 1000),
      rssMegabytes: Math.round(rss / 2 ** 20),
      complaint: complaints.length === 0 ? undefined : complaints.join("; ")
    } satisfies Result
  })
