/** Garbage for every kind of queue, on servers of this file's own. Prints the figures. */
import { Bus } from "@kanau/messaging"
import { OwnServers } from "@kanau/testing"
import { Effect, References } from "effect"
import { createHash } from "node:crypto"
import { assert, describe, test } from "vitest"
import { busOf, kinds, queue, run, sample } from "../src/garbage.ts"
import { parcels } from "../src/parcels.ts"
import { chanceOf } from "../src/run.ts"

const count = 2000
const seed = 20_261_121

/** Each by its bytes, whatever a broker does to attributes that are no envelope's. */
const digests = (data: Iterable<Uint8Array>): ReadonlyArray<string> =>
  Array.from(data, (bytes) => createHash("sha256").update(bytes).digest("hex")).sort()

describe("garbage", () => {
  for (const kind of kinds) {
    test(
      `NF-3 ${count} messages of garbage are dead letters, each once and whole, and the consumer lives (${kind})`,
      (context) => {
        if (kind !== "embedded" && OwnServers.missing !== undefined) return context.skip(OwnServers.missing)
        return Effect.gen(function*() {
          const { complaint, ...figures } = yield* run(count, chanceOf(seed))
          process.stdout.write(`garbage, ${kind}: ${JSON.stringify(figures)}\n`)
          assert.isUndefined(complaint)
          const letters = yield* Effect.flatMap(Bus.Bus, (bus) => bus.deadLetters(queue, count))
          const sent = Array.from(parcels(count, chanceOf(seed), yield* sample))
          const garbage = sent.filter(({ attributes }) => !(attributes["id"] ?? "").startsWith("fine "))
          assert.deepStrictEqual(digests(letters.map(({ data }) => data)), digests(garbage.map(({ data }) => data)))
          const reasons = new Set(letters.map(({ failure }) => failure.reason))
          assert.deepStrictEqual([...reasons].sort(), ["permanent-error", "undecodable"])
        }).pipe(
          Effect.scoped,
          (work) => Effect.flatMap(busOf(kind), (bus) => Effect.provide(work, bus)),
          Effect.scoped,
          Effect.provideService(References.MinimumLogLevel, "None"),
          Effect.runPromise
        )
      },
      120_000
    )
  }
})
