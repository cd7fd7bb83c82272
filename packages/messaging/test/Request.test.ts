import { assert, it } from "@effect/vitest"
import { Fault, Message } from "@kanau/core"
import { Bus, Consumer, Request } from "@kanau/messaging"
import { Effect, Layer, Schema } from "effect"
import { eventually, memory } from "./fixture.ts"

class Copy extends Message.command<Copy>()("test.copy", { fields: { times: Schema.Int }, subject: () => "all" }) {}
const copy = Request.define(Copy, { output: Schema.String })

/** As a broker that takes small signals only. */
const narrow = Layer.effect(
  Bus.Bus,
  Effect.map(Bus.Bus, (bus) => ({
    ...bus,
    broadcast: (channel: string, data: Uint8Array) =>
      data.length > 1000
        ? Effect.fail(new Fault.Invariant({ reason: "Too large; send a reference." }))
        : bus.broadcast(channel, data)
  }))
)

it.effect("an answer that is too large for the bus reaches who asked as a fault, and its command the dead letters", () =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const requests = yield* Request.Requests
    yield* Consumer.run(Request.serve(copy, ({ times }) => Effect.succeed("x".repeat(times))))
    const ask = (times: number) => requests.ask(copy, new Copy({ times }), { timeout: "10 seconds" })
    assert.strictEqual(yield* ask(3), "xxx")
    const fault = yield* Effect.flip(ask(2000))
    assert.strictEqual(fault._tag, "Invariant")
    assert.include(fault.message, "send a reference")
    let letters: ReadonlyArray<Bus.DeadLetter> = []
    const look = Effect.map(bus.deadLetters(Copy.type, 2), (found) => void (letters = found))
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(look, Effect.yieldNow)))
    yield* eventually("it is a dead letter", () => letters.length === 1)
    assert.include(letters[0]?.failure.error, "send a reference")
  }).pipe(
    Effect.scoped,
    Effect.provide(Layer.provideMerge(Request.layer({ source: "/test" }), Layer.provide(narrow, memory)))
  ))
