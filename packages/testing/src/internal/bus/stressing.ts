/**
 * Everything at once: many subjects, consumers that come and go, settlements of every kind, connections that break. At the
 * end every message must have come to what was decided for it, and nothing may be left.
 */
import { Bus } from "@kanau/messaging"
import { Effect, Exit, Schedule, Scope } from "effect"
import { assert } from "vitest"
import type { Case } from "../../BusConformance.ts"
import { ack, bury, collect, declared, eventuallyEffect, message, range, retry, whenCut } from "./tools.ts"

/** What becomes of message number `n`, at its first attempt; every later one is acknowledged. */
const fate = (n: number): "ack" | "retry" | "bury" | "interrupt" =>
  n % 23 === 0 ? "bury" : n % 7 === 0 ? "retry" : n % 11 === 0 ? "interrupt" : "ack"

/** Decides by number, and keeps the books. */
const books = (count: number) => {
  const numbers = range(1, count).map(Number)
  const attempts = new Map<number, number>()
  const done = new Set<number>()
  const wantedDead = numbers.filter((n) => fate(n) === "bury")
  return {
    numbers,
    decide: ({ envelope }: Bus.Delivery): Effect.Effect<Bus.Settlement> => {
      const n = Number(envelope.subject.split("/")[1])
      const attempt = (attempts.get(n) ?? 0) + 1
      attempts.set(n, attempt)
      const decided = fate(n)
      if (decided === "bury") return Effect.succeed(bury)
      if (attempt === 1 && decided === "retry") return Effect.succeed(retry(50))
      if (attempt === 1 && decided === "interrupt") return Effect.interrupt
      done.add(n)
      return Effect.as(Effect.yieldNow, ack)
    },
    isOver: Effect.gen(function*() {
      const bus = yield* Bus.Bus
      const status = yield* bus.status("q")
      const letters = yield* bus.deadLetters("q", count)
      const dead = new Set(letters.map(({ attributes }) => Number(attributes["subject"]?.split("/")[1])))
      return status !== undefined && status.ready === 0 && status.delayed === 0 &&
        done.size === count - wantedDead.length && wantedDead.every((n) => dead.has(n))
    }).pipe(Effect.orElseSucceed(() => false)),
    /** Which message came to what. */
    balance: () => ({ done: done.size, wanted: count - wantedDead.length })
  }
}

const publishNumber = (n: number) =>
  Effect.flatMap(Bus.Bus, (bus) => Effect.flatMap(message("t.made", `${n % 12}/${n}`), bus.publish))

/** A consumer that closes after a while, for the next to take over. */
const comeAndGo = (decide: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement>, millis: number) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    yield* Scope.provide(collect("q", decide, 8), scope)
    yield* Effect.sleep(millis)
    yield* Scope.close(scope, Exit.void)
  })

export const cases: ReadonlyArray<Case> = [
  {
    title: "NF-1 stress: with consumers that come and go and every kind of outcome, each message gets what was decided",
    body: (run) =>
      run(Effect.gen(function*() {
        yield* declared
        const { balance, decide, isOver, numbers } = books(600)
        yield* Effect.forkScoped(Effect.forEach(numbers, publishNumber, { concurrency: 16, discard: true }))
        for (const millis of [30, 60, 90]) yield* Effect.forkScoped(Effect.forever(comeAndGo(decide, millis)))
        yield* eventuallyEffect("all is done", isOver, 30_000)
        const { done, wanted } = balance()
        assert.strictEqual(done, wanted)
      }))
  }
]

export const survivesCuts = whenCut(
  "NF-6 stress: while the connection is cut again and again, each message gets what was decided, at least once",
  ({ cut, restore }, run) =>
    Effect.gen(function*() {
      const { balance, decide, isOver, numbers } = books(300)
      yield* Effect.gen(function*() {
        yield* declared
        const patiently = (n: number) => Effect.retry(publishNumber(n), Schedule.spaced("20 millis"))
        yield* Effect.forkScoped(Effect.forEach(numbers, patiently, { concurrency: 8, discard: true }))
        yield* collect("q", decide, 8)
        yield* collect("q", decide, 8)
        for (const millis of [20, 80, 160]) {
          yield* Effect.sleep(millis)
          cut()
          yield* Effect.sleep("50 millis")
          restore()
        }
        yield* eventuallyEffect("all is done", isOver, 60_000)
      }).pipe(Effect.scoped)
      const { done, wanted } = balance()
      assert.strictEqual(done, wanted)
      yield* run(Effect.map(
        Effect.flatMap(declared, () => Effect.flatMap(Bus.Bus, (bus) => bus.status("q"))),
        (status) => assert.deepInclude(status, { ready: 0, delayed: 0 })
      ))
    })
)
