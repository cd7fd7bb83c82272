/** Cases about commands that are answered. */
import { Envelope, Fault, Message } from "@kanau/core"
import { Bus, Consumer, Request } from "@kanau/messaging"
import { Deferred, Effect, Layer, Schema } from "effect"
import { assert } from "vitest"
import type { Case } from "../../BusConformance.ts"
import { eventually, eventuallyEffect } from "./tools.ts"

class Halve extends Message.command<Halve>()("t.halve", {
  fields: { n: Schema.Int },
  subject: ({ n }) => String(n)
}) {}

class Odd extends Fault.define<Odd>()("Odd", "invalid-input", { n: Schema.Int }, ({ n }) => `${n} is odd.`) {}

const halve = Request.define(Halve, { output: Schema.Int, errors: [Odd] })

const half = ({ n }: Halve) => n % 2 === 0 ? Effect.succeed(n / 2) : Effect.fail(new Odd({ n }))

/** A process that asks. */
const asking = <A, E, R>(body: Effect.Effect<A, E, R>) =>
  Effect.provide(body, Layer.fresh(Request.layer({ source: "conformance" })))

const ask = (n: number) =>
  Effect.flatMap(Request.Requests, (requests) => requests.ask(halve, new Halve({ n }), { timeout: "10 seconds" }))

export const cases: ReadonlyArray<Case> = [
  {
    title: "a command is answered with its output or its declared error, each answer to whoever asked for it",
    body: (run) =>
      run(Effect.gen(function*() {
        yield* Consumer.run(Request.serve(halve, half))
        const many = (from: number) => Effect.forEach([0, 2, 4, 6, 8], (n) => ask(from + n), { concurrency: 5 })
        const [one, two] = yield* Effect.all([asking(many(0)), asking(many(100))], { concurrency: 2 })
        assert.deepStrictEqual([one, two], [[0, 1, 2, 3, 4], [50, 51, 52, 53, 54]])
        const odd = yield* asking(Effect.flip(ask(3)))
        assert.deepStrictEqual(odd, new Odd({ n: 3 }))
      }))
  },
  {
    title: "handlers of one command share it, each command going to one of them",
    body: (run) =>
      run(Effect.gen(function*() {
        const seen = [0, 0]
        for (const at of [0, 1]) {
          const slowly = (command: Halve) =>
            Effect.andThen(
              Effect.sleep("1 millis"),
              Effect.suspend(() => {
                seen[at] = (seen[at] ?? 0) + 1
                return half(command)
              })
            )
          yield* Consumer.run(Request.serve(halve, slowly), { prefetch: 1 })
        }
        const evens = Array.from({ length: 40 }, (_, n) => n * 2)
        yield* asking(Effect.forEach(evens, ask, { concurrency: 8 }))
        assert.strictEqual((seen[0] ?? 0) + (seen[1] ?? 0), 40)
        assert.isAbove(Math.min(...seen), 0)
      }))
  },
  {
    title: "a fault of the handler reaches whoever asked, without being tried again; a bug is dead-lettered too",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        let attempts = 0
        yield* Consumer.run(Request.serve(halve, ({ n }) => {
          attempts++
          return Effect.fail(
            n === 0
              ? new Fault.Unavailable({ dependency: "abacus", reason: "it is being cleaned" })
              : new Fault.Invariant({ reason: "broken" })
          )
        }))
        const unavailable = yield* asking(Effect.flip(ask(0)))
        assert.strictEqual(unavailable._tag, "Unavailable")
        assert.include(unavailable.message, "abacus")
        yield* eventuallyEffect(
          "nothing is left of it",
          Effect.map(bus.status("t.halve"), (status) =>
            status !== undefined && status.ready + status.delayed + status.deadLetters === 0)
        )
        assert.strictEqual((yield* asking(Effect.flip(ask(2))))._tag, "Invariant")
        yield* eventuallyEffect(
          "it is dead-lettered",
          Effect.map(bus.deadLetters("t.halve", 10), (letters) =>
            letters.length === 1)
        )
        assert.strictEqual(attempts, 2)
      }))
  },
  {
    title: "asking for what nobody handles is Unroutable",
    body: (run) => run(Effect.map(asking(Effect.flip(ask(2))), (fault) => assert.strictEqual(fault._tag, "Unroutable")))
  },
  {
    title: "a request that is not answered in time is TimedOut, and its command is dropped if it still waits",
    body: (run) =>
      run(Effect.gen(function*() {
        const hold = yield* Deferred.make<void>()
        const begun: Array<number> = []
        const handler = (command: Halve) => {
          begun.push(command.n)
          return Effect.andThen(Deferred.await(hold), half(command))
        }
        yield* Consumer.run(Request.serve(halve, handler), { prefetch: 1 })
        yield* asking(Effect.gen(function*() {
          const requests = yield* Request.Requests
          const late = (n: number) => Effect.flip(requests.ask(halve, new Halve({ n }), { timeout: "300 millis" }))
          const faults = yield* Effect.all([late(2), late(4)], { concurrency: 2 })
          assert.deepStrictEqual(faults.map(({ _tag }) => _tag), ["TimedOut", "TimedOut"])
          yield* Deferred.succeed(hold, undefined)
          assert.strictEqual(yield* ask(6), 3)
        }))
        assert.strictEqual(begun.length, 2, "the one that ran, and the last")
        yield* eventually("the last came through", () => begun.at(-1) === 6)
      }))
  },
  {
    title: "a command that nobody waits for is handled as any message",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        const done: Array<number> = []
        yield* Consumer.run(
          Request.serve(halve, ({ n }) => Effect.as(Effect.sync(() => void done.push(n)), n))
        )
        yield* bus.publish(yield* Envelope.make(new Halve({ n: 8 }), { source: "conformance" }))
        yield* eventually("it is handled", () => done.length === 1)
      }))
  }
]
