/** Cases about signals. */
import { Bus } from "@kanau/messaging"
import { Effect, Exit, Scope } from "effect"
import { assert } from "vitest"
import type { Case } from "../../BusConformance.ts"
import { eventually, eventuallyEffect, whenCut } from "./tools.ts"

const listen = (channel: string) =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const heard: Array<string> = []
    const gaps: Array<boolean> = []
    yield* bus.listen(channel, {
      onMessage: (data) => void heard.push(Buffer.from(data).toString()),
      onGap: (open) => void gaps.push(open)
    })
    return { heard, gaps }
  })

const say = (channel: string, text: string) =>
  Effect.flatMap(Bus.Bus, (bus) => bus.broadcast(channel, Buffer.from(text)))

/** Signals may be lost, so wait until one is taken at all. */
const connected = eventuallyEffect(
  "a signal is taken",
  Effect.as(say("warm-up", ""), true).pipe(Effect.orElseSucceed(() => false))
)

export const cases: ReadonlyArray<Case> = [
  {
    title: "a signal reaches every listener of its channel, once each and in order, and nobody else",
    body: (run) =>
      run(Effect.gen(function*() {
        const one = yield* listen("a")
        const two = yield* listen("a")
        const other = yield* listen("b")
        assert.deepStrictEqual(one.gaps, [false])
        yield* connected
        for (const text of ["1", "2", "3"]) yield* say("a", text)
        yield* say("b", "end")
        yield* eventually("all heard", () => one.heard.length >= 3 && two.heard.length >= 3 && other.heard.length >= 1)
        assert.deepStrictEqual([one.heard, two.heard, other.heard], [["1", "2", "3"], ["1", "2", "3"], ["end"]])
      }))
  },
  {
    title: "a closed listener hears nothing, one that throws harms nobody, and a signal to nobody is no error",
    body: (run) =>
      run(Effect.gen(function*() {
        const bus = yield* Bus.Bus
        const scope = yield* Scope.make()
        const closed = yield* Scope.provide(listen("a"), scope)
        yield* bus.listen("a", {
          onMessage: () => {
            throw new Error("bug in a listener")
          },
          onGap: () => undefined
        })
        const open = yield* listen("a")
        yield* connected
        yield* say("a", "1")
        yield* eventually("both heard", () => closed.heard.length === 1 && open.heard.length === 1)
        yield* Scope.close(scope, Exit.void)
        yield* say("a", "2")
        yield* eventually("one heard", () => open.heard.length === 2)
        assert.deepStrictEqual(closed.heard, ["1"])
        yield* say("nobody", "3")
      }))
  }
]

export const reportsGaps = whenCut(
  "a listener is told of a gap when its connection is lost, and that it listens again",
  ({ cut, restore }) =>
    Effect.gen(function*() {
      const { gaps, heard } = yield* listen("a")
      cut()
      yield* eventually("the gap opens", () => gaps.includes(true))
      restore()
      yield* eventually("the gap closes", () => gaps.length === 3)
      assert.deepStrictEqual(gaps, [false, true, false])
      const said = Effect.ignore(say("a", "again"))
      yield* Effect.gen(function*() {
        while (heard.length === 0) yield* Effect.andThen(said, Effect.sleep("20 millis"))
      })
      assert.strictEqual(heard[0], "again")
    })
)
