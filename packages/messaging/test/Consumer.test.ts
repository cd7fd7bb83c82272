import { assert, describe, it } from "@effect/vitest"
import { Correlation, Envelope, Fault, Id, Layers, type Processor } from "@kanau/core"
import { Bus, Consumer, RetryLadder } from "@kanau/messaging"
import { Clock, Context, Deferred, Effect, Exit, Layer, Logger, Random, Result, Scope } from "effect"
import { eventually, faultOf, kinds, memory, note, NoteIndexed, NoteWritten, pass, publish, quiet } from "./fixture.ts"

/** Handlers here fail with every kind, also with what the compiler would not let through. */
const consumer = (process: Processor.Processor<NoteWritten, void, unknown>) =>
  Consumer.make({ queue: "q", handlers: [Consumer.on(NoteWritten, process as Processor.Processor<NoteWritten, void>)] })

const deadLetters = Effect.flatMap(Bus.Bus, (bus) => bus.deadLetters("q", 100))

const closable = <A, E, R>(effect: Effect.Effect<A, E, R | Scope.Scope>) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    yield* Scope.provide(effect, scope)
    return Scope.close(scope, Exit.void)
  })

describe("what becomes of a message", () => {
  for (const kind of kinds) {
    const { disposition, maxAttempts = 10 } = Fault.rule(kind)
    const attempts = disposition === "retry" ? maxAttempts : 1
    it.effect(`NF-1 ${kind}: ${disposition} after ${attempts} attempt(s), settled once each`, () =>
      Effect.gen(function*() {
        let seen = 0
        yield* Consumer.run(consumer(() => Effect.andThen(Effect.sync(() => seen++), Effect.fail(faultOf(kind)))))
        yield* publish(note("1"))
        yield* eventually("the first attempt", () => seen === 1)
        yield* pass(4000, 100)
        assert.strictEqual(seen, attempts)
        const letters = yield* deadLetters
        assert.deepStrictEqual(
          letters.map(({ attempts, failure, queue }) => ({ attempts, queue, ...failure })),
          disposition === "discard" ? [] : [{
            queue: "q",
            attempts,
            error: `Happened: It was ${kind}.`,
            reason: disposition === "retry"
              ? "retries-exhausted"
              : kind === "undecodable"
              ? "undecodable"
              : "permanent-error"
          }]
        )
      }).pipe(Effect.scoped, Effect.provide(memory)))
  }

  it.effect("NF-2 the waits are 1, 4, 16, 64, 256, 600 … seconds, ten attempts in all", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const tried = consumer(() =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          times.push(now / 1000)
          return Effect.fail(new Fault.Conflict({ reason: "taken" }))
        })
      )
      yield* Consumer.run({ ...tried, ladder: { ...tried.ladder, jitter: 0 } })
      yield* publish(note("1"))
      yield* eventually("the first attempt", () => times.length === 1)
      yield* pass(350)
      yield* pass(2500, 100)
      assert.deepStrictEqual(
        times.map((time, index) => time - (times[index - 1] ?? 0)).map((wait) => wait > 256 ? 600 : wait),
        [0, 1, 4, 16, 64, 256, 600, 600, 600, 600]
      )
      assert.deepStrictEqual(RetryLadder.steps(RetryLadder.standard), [1000, 4000, 16000, 64000, 256000, 600000])
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("NF-2 chance takes up to a fifth off each wait, so that what failed together does not come back together", () =>
    Effect.gen(function*() {
      const times = new Map<string, number>()
      yield* Consumer.run(consumer(({ id }) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          times.set(id, now)
          return Effect.fail(new Fault.Conflict({ reason: "taken" }))
        })
      ))
      for (let n = 0; n < 20; n++) yield* publish(note(String(n)))
      yield* eventually("the first attempts", () => times.size === 20)
      yield* pass(1.05, 0.05)
      const waits = [...times.values()]
      assert.isAtLeast(Math.min(...waits), 800)
      assert.isAtMost(Math.max(...waits), 1000)
      assert.isAtLeast(new Set(waits).size, 2)
      for (let attempt = 1; attempt < 10; attempt++) {
        const longest = RetryLadder.delayMillis(RetryLadder.standard, attempt)
        assert.strictEqual(RetryLadder.jittered(RetryLadder.standard, attempt, 0), longest)
        assert.strictEqual(RetryLadder.jittered(RetryLadder.standard, attempt, 1), longest * 0.8)
      }
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("NB-13 in order: a message waits for its attempts with the later ones of its subject behind it, others go on", () =>
    Effect.gen(function*() {
      const handled: Array<string> = []
      let left = 3
      const one = consumer(({ id, text }) =>
        Effect.suspend(() => {
          if (text === "fails" && left-- > 0) return Effect.fail(new Fault.Conflict({ reason: "taken" }))
          handled.push(`${id} ${text}`)
          return Effect.void
        })
      )
      yield* Consumer.run(Consumer.inOrder({ ...one, ladder: { ...one.ladder, jitter: 0 } }))
      for (const [id, text] of [["a", "fails"], ["a", "later"], ["b", "first"]] as const) yield* publish(note(id, text))
      yield* eventually("the other subject", () => handled.length === 1)
      assert.deepInclude(yield* (yield* Bus.Bus).status("q"), { delayed: 0 })
      yield* pass(20)
      assert.deepStrictEqual(handled, ["b first"])
      yield* pass(1)
      assert.deepStrictEqual(handled, ["b first", "a fails", "a later"])
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("in order: a message that is given up after its attempts is dead-lettered, and closing gives one back", () =>
    Effect.gen(function*() {
      const attempts: Array<number> = []
      const one = consumer(() =>
        Effect.suspend(() => {
          attempts.push(attempts.length + 1)
          return Effect.fail(new Fault.Conflict({ reason: "taken" }))
        })
      )
      const inOrder = Consumer.inOrder({
        ...one,
        ladder: { baseMillis: 1000, factor: 1, capMillis: 1000, attempts: 3 }
      })
      const close = yield* closable(Consumer.run(inOrder))
      yield* publish(note("a"))
      yield* eventually("the first attempt", () => attempts.length === 1)
      yield* close
      yield* Consumer.run(inOrder)
      yield* eventually("it is back", () => attempts.length === 2)
      yield* pass(5, 0.5)
      const [letter] = yield* deadLetters
      assert.strictEqual(attempts.length, 4)
      assert.deepInclude(letter?.failure, { reason: "retries-exhausted" })
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("a paused consumer handles nothing more until it is resumed, and uses up no attempts", () =>
    Effect.gen(function*() {
      const handled: Array<string> = []
      const running = yield* Consumer.run(consumer(({ id }) => Effect.sync(() => void handled.push(id))), {
        prefetch: 2
      })
      yield* publish(note("1"))
      yield* eventually("the first", () => handled.length === 1)
      yield* running.pause
      for (const id of ["2", "3", "4"]) yield* publish(note(id))
      yield* pass(60)
      assert.deepStrictEqual(handled, ["1"])
      yield* running.resume
      yield* eventually("the others", () => handled.length === 4)
      assert.deepStrictEqual(handled, ["1", "2", "3", "4"])
      assert.deepStrictEqual(yield* deadLetters, [])
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("a paused consumer closes, and its messages are there for the next", () =>
    Effect.gen(function*() {
      const handled: Array<string> = []
      const one = consumer(({ id }) => Effect.sync(() => void handled.push(id)))
      const close = yield* closable(Effect.flatMap(Consumer.run(one), ({ pause }) => pause))
      yield* publish(note("1"))
      yield* quiet
      yield* close
      assert.deepStrictEqual(handled, [])
      yield* Consumer.run(one)
      yield* eventually("it is handled", () => handled.length === 1)
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("nothing is handled before what handlers need is built, however much waits (DBOS #1289)", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      class Pen extends Context.Service<Pen, { readonly colour: string }>()("Pen") {}
      const slow = Layer.effect(Pen, Effect.as(Effect.sleep("5 seconds"), Pen.of({ colour: "red" })))
      const one = Consumer.make({
        queue: "q",
        handlers: [
          Consumer.on(NoteWritten, ({ id }) => Pen.use(({ colour }) => Effect.sync(() => seen.push(colour + id))))
        ]
      })
      yield* Effect.flatMap(Bus.Bus, (bus) => bus.declare(one.queue))
      for (const id of ["1", "2"]) yield* publish(note(id))
      yield* Effect.forkScoped(
        Effect.andThen(Consumer.run(one), Effect.never).pipe(Effect.scoped, Effect.provide(slow))
      )
      yield* pass(4.9, 0.7)
      assert.deepStrictEqual(seen, [])
      yield* pass(1)
      yield* eventually("they are handled", () => seen.length === 2)
      assert.deepStrictEqual(seen, ["red1", "red2"])
      assert.deepStrictEqual(yield* deadLetters, [])
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("NF-1 a handler that throws, dies or interrupts itself costs its own message three attempts, nothing else", () =>
    Effect.gen(function*() {
      const handled: Array<string> = []
      yield* Consumer.run(consumer(({ id }) => {
        handled.push(id)
        if (id === "throws") throw new TypeError("no such member")
        if (id === "dies") return Effect.die("a text with a secret")
        return id === "interrupts" ? Effect.interrupt : Effect.void
      }))
      for (const id of ["throws", "dies", "interrupts", "fine"]) yield* publish(note(id, "very private"))
      yield* eventually("all are tried", () => handled.length >= 4)
      yield* pass(10)
      assert.strictEqual(handled.filter((id) => id === "fine").length, 1)
      assert.strictEqual(handled.length, 10)
      const letters = yield* deadLetters
      assert.deepStrictEqual(letters.map(({ attributes, failure }) => [attributes["subject"], failure.error]).sort(), [
        ["dies", "It threw something that is no Error"],
        ["interrupts", "It interrupted itself"],
        ["throws", "TypeError: no such member"]
      ])
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("KN-8 NF-3 bytes that are no message are dead-lettered as they came and stop nobody", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      const handled: Array<string> = []
      yield* Consumer.run(consumer(({ id }) => Effect.sync(() => void handled.push(id))))
      const poison = [
        Uint8Array.from([0xff, 0xfe]),
        new Uint8Array(),
        new TextEncoder().encode("{\"id\":\"1\",\"text\":5,\"secret\":\"hunter2\"}")
      ]
      for (const data of poison) {
        yield* bus.publish({ ...(yield* Envelope.make(note("1"), { source: "test" })), data })
      }
      yield* publish(note("1"))
      yield* eventually("the good one is handled", () => handled.length === 1)
      const letters = yield* deadLetters
      assert.deepStrictEqual(letters.map(({ data }) => [...data]), poison.map((data) => [...data]))
      for (const { failure } of letters) {
        assert.strictEqual(failure.reason, "undecodable")
        assert.notInclude(failure.error, "hunter2")
      }
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("NF-3 a type without a handler is dead-lettered, not dropped (Nest #3082)", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* bus.declare({ name: "q", types: [NoteIndexed.type] })
      yield* Consumer.run(consumer(() => Effect.void))
      yield* publish(new NoteIndexed({ id: "1" }))
      yield* quiet
      const [letter] = yield* deadLetters
      assert.strictEqual(letter?.failure.reason, "permanent-error")
      assert.include(letter?.failure.error, "No handler")
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("KN-9 an error's text is cut at 1024 characters, and no log quotes a payload", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const logger = Logger.make(({ cause, message }) => void lines.push(JSON.stringify([message, cause])))
      yield* Effect.gen(function*() {
        yield* Consumer.run(
          consumer(({ id }) =>
            id === "long"
              ? Effect.fail(new Fault.Invariant({ reason: "é".repeat(5000) }))
              : Effect.fail(faultOf("gone"))
          )
        )
        yield* publish(note("long", "very private"))
        yield* publish(note("gone", "very private"))
        yield* eventually("both are logged", () => lines.length === 2)
        const [letter] = yield* deadLetters
        assert.strictEqual(letter?.failure.error.length, 1024)
        assert.notInclude(lines.join(), "very private")
      }).pipe(Effect.provide(Logger.layer([logger])))
    }).pipe(Effect.scoped, Effect.provide(memory)))

  for (let seed = 1; seed <= 10; seed++) {
    it.effect(`NF-1 whatever a handler does, each delivery is settled exactly once (seed ${seed})`, () =>
      Effect.gen(function*() {
        const real = yield* Bus.Bus
        const settlements = new Map<string, Array<Bus.Settlement["_tag"]>>()
        const spy = Bus.Bus.of({
          ...real,
          consume: (queue, options, handle) =>
            real.consume(queue, options, (delivery) =>
              Effect.map(handle(delivery), (settlement) => {
                const key = delivery.envelope.id
                settlements.set(key, [...settlements.get(key) ?? [], settlement._tag])
                return settlement
              }))
        })
        const failing = ["none", "throw", "interrupt", "slow", ...kinds] as const
        yield* Effect.provideService(
          Consumer.run(consumer(() =>
            Effect.flatMap(Random.nextIntBetween(0, failing.length), (index) => {
              const how = failing[index] ?? "none"
              if (how === "throw") throw new Error("thrown")
              if (how === "interrupt") return Effect.interrupt
              if (how === "slow") return Effect.sleep("1 second")
              return how === "none" ? Effect.void : Effect.fail(faultOf(how))
            })
          )),
          Bus.Bus,
          spy
        )
        for (let n = 0; n < 40; n++) yield* publish(note(String(n % 7)))
        yield* pass(4000, 50)
        assert.strictEqual(settlements.size, 40)
        const dead = new Set((yield* deadLetters).map(({ attributes }) => attributes["id"]))
        for (const [id, tags] of settlements) {
          assert.isTrue(tags.slice(0, -1).every((tag) => tag === "Retry"), `${id}: ${tags.join()}`)
          assert.strictEqual(tags.at(-1), dead.has(id) ? "DeadLetter" : "Ack")
        }
      }).pipe(Effect.scoped, Effect.provide(memory), Random.withSeed(`faults ${seed}`)))
  }
})

describe("order", () => {
  it.effect("one subject is handled strictly in order, while others go on and a hot subject stops nobody", () =>
    Effect.gen(function*() {
      const hot = yield* Deferred.make<void>()
      const begun: Array<string> = []
      const running = new Set<string>()
      yield* Consumer.run(consumer(({ id, text }) =>
        Effect.gen(function*() {
          assert.isFalse(running.has(id), "two of one subject at once")
          running.add(id)
          begun.push(`${id}${text}`)
          if (id === "hot") yield* Deferred.await(hot)
          else yield* Effect.yieldNow
          running.delete(id)
        })
      ))
      for (const text of ["1", "2", "3"]) {
        for (const id of ["hot", "a", "b"]) yield* publish(note(id, text))
      }
      yield* eventually("the others are done", () => begun.length === 7)
      yield* quiet
      assert.deepStrictEqual(begun.filter((each) => each.startsWith("hot")), ["hot1"])
      yield* Deferred.succeed(hot, undefined)
      yield* eventually("all are done", () => begun.length === 9)
      for (const id of ["hot", "a", "b"]) {
        assert.deepStrictEqual(begun.filter((each) => each.startsWith(id)), [`${id}1`, `${id}2`, `${id}3`])
      }
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("a lane of thousands of messages that are handled at once neither nests nor loses one", () =>
    Effect.gen(function*() {
      let handled = 0
      yield* Consumer.run(consumer(() => Effect.sync(() => void handled++)), { prefetch: 5000 })
      yield* Effect.forEach(Array.from({ length: 5000 }), () => publish(note("1")), { concurrency: "unbounded" })
      yield* eventually("all are handled", () => handled === 5000)
    }).pipe(Effect.scoped, Effect.provide(memory)))
})

describe("correlation", () => {
  it.effect("NB-20 a handler works under the correlation of its message, and so does what it publishes and logs", () =>
    Effect.gen(function*() {
      const logged: Array<string> = []
      const logger = Logger.make(({ fiber }) => void logged.push(fiber.getRef(Correlation.Correlation).correlationId))
      const indexed: Array<Envelope.Envelope> = []
      const both = yield* Deferred.make<void>()
      let waiting = 0
      yield* Consumer.run(Consumer.make({
        queue: "write",
        handlers: [Consumer.on(NoteWritten, ({ id }) =>
          Effect.gen(function*() {
            // Both messages are under way at once, so that one could overwrite the other's.
            if (++waiting === 2) yield* Deferred.succeed(both, undefined)
            yield* Deferred.await(both)
            yield* Effect.log("indexing")
            yield* Effect.orDie(publish(new NoteIndexed({ id })))
          }))]
      })).pipe(Effect.provide(Logger.layer([logger])))
      yield* Consumer.run(Consumer.make({
        queue: "index",
        handlers: [Consumer.on(NoteIndexed, () =>
          Effect.map(Consumer.CurrentEnvelope, (envelope) => {
            if (envelope !== undefined) indexed.push(envelope)
          }))]
      }))
      const ids = yield* Id.generator
      const write = (id: string, correlationId: string) =>
        Effect.provideService(publish(note(id)), Correlation.Correlation, Correlation.accept(ids, { correlationId }))
      const first = yield* write("1", "request-1")
      const second = yield* write("2", "request-2")
      yield* eventually("both are indexed", () => indexed.length === 2)
      for (const [cause, subject] of [[first, "1"], [second, "2"]] as const) {
        const effect = indexed.find((envelope) => envelope.subject === subject)
        assert.strictEqual(effect?.correlationid, `request-${subject}`)
        assert.strictEqual(effect?.causationid, cause.id)
        assert.strictEqual(effect?.traceparent?.slice(3, 35), cause.traceparent?.slice(3, 35))
      }
      assert.deepStrictEqual([...new Set(logged)].sort(), ["request-1", "request-2"])
      assert.isUndefined(yield* Consumer.CurrentEnvelope)
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("NB-20 an unacceptable correlation id is replaced, so that it cannot forge a log line", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      const seen: Array<string> = []
      yield* Consumer.run(
        consumer(() => Effect.map(Correlation.Correlation, ({ correlationId }) => void seen.push(correlationId)))
      )
      for (const correlationid of ["has space\n", "x".repeat(129)]) {
        yield* bus.publish({ ...(yield* Envelope.make(note("1"), { source: "test" })), correlationid })
      }
      yield* eventually("both are handled", () => seen.length === 2)
      for (const id of seen) assert.match(id, /^[0-9a-f-]{36}$/)
      assert.notStrictEqual(seen[0], seen[1])
    }).pipe(Effect.scoped, Effect.provide(memory)))
})

describe("closing and outages", () => {
  it.effect("closing lets the running handler finish; what waited behind it goes back without losing an attempt", () =>
    Effect.gen(function*() {
      const finish = yield* Deferred.make<void>()
      const done: Array<string> = []
      const close = yield* closable(
        Consumer.run(
          consumer(({ text }) => Effect.andThen(Deferred.await(finish), Effect.sync(() => void done.push(text))))
        )
      )
      for (const text of ["1", "2", "3"]) yield* publish(note("same", text))
      yield* quiet
      const closing = yield* Effect.forkChild(close)
      yield* quiet
      assert.isUndefined(closing.pollUnsafe())
      yield* Deferred.succeed(finish, undefined)
      yield* eventually("closed", () => closing.pollUnsafe() !== undefined)
      assert.deepStrictEqual(done, ["1"])
      yield* Consumer.run(consumer(({ text }) => Effect.sync(() => void done.push(text))))
      yield* eventually("the rest is handled", () => done.length === 3)
      assert.deepStrictEqual(done, ["1", "2", "3"])
      assert.deepStrictEqual(yield* deadLetters, [])
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("NF-1 a batch handler settles each message by its own outcome, and has no two of one subject at a time", () =>
    Effect.gen(function*() {
      const batches: Array<ReadonlyArray<string>> = []
      const taken = new Fault.Conflict({ reason: "taken" })
      const process = Layers.batch({ size: 4, age: 50 })((notes: ReadonlyArray<NoteWritten>) =>
        Effect.sync(() => {
          batches.push(notes.map(({ id, text }) => `${id} ${text}`))
          return notes.map(({ text }) => text === "bad" ? Result.fail(taken) : Result.succeed(undefined))
        })
      )
      yield* Consumer.run(Consumer.make({ queue: "q", handlers: [Consumer.on(NoteWritten, process)] }))
      for (const [id, text] of [["a", "1"], ["a", "2"], ["b", "bad"], ["c", "1"], ["d", "1"]] as const) {
        yield* publish(note(id, text))
      }
      yield* eventually("the first batch", () => batches.length === 1)
      assert.deepStrictEqual(batches, [["a 1", "b bad", "c 1", "d 1"]])
      yield* pass(2, 0.1)
      assert.deepStrictEqual(batches.slice(1, 3), [["a 2"], ["b bad"]])
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("messages wait while a need is not ready, use up no attempt, and go back when the consumer closes", () =>
    Effect.gen(function*() {
      const handled: Array<string> = []
      let isReady = false
      const needs = [{ isReady: Effect.sync(() => isReady) }]
      const process = ({ id }: NoteWritten) => Effect.sync(() => void handled.push(id))
      const close = yield* closable(Consumer.run(consumer(process), { needs }))
      yield* publish(note("1"))
      yield* publish(note("2"))
      yield* pass(60)
      assert.deepStrictEqual(handled, [])
      isReady = true
      yield* pass(1)
      assert.deepStrictEqual(handled, ["1", "2"])
      isReady = false
      yield* publish(note("3"))
      yield* pass(60)
      yield* close
      isReady = true
      const attempts: Array<number> = []
      const bus = yield* Bus.Bus
      yield* bus.consume("q", { prefetch: 1 }, ({ attempt }) => {
        attempts.push(attempt)
        return Effect.succeed({ _tag: "Ack" as const })
      })
      yield* eventually("the message comes again", () => attempts.length === 1)
      assert.deepStrictEqual([handled, attempts], [["1", "2"], [1]])
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("an outage pauses the consumer: most messages keep their attempts, one probes, then all go on", () =>
    Effect.gen(function*() {
      let down = true
      let calls = 0
      const done: Array<string> = []
      yield* Consumer.run(
        consumer(({ id }) =>
          Effect.suspend(() => {
            calls++
            if (down) return Effect.fail(new Fault.Unavailable({ dependency: "mongodb", reason: "down" }))
            done.push(id)
            return Effect.void
          })
        ),
        { prefetch: 4 }
      )
      for (let n = 0; n < 200; n++) yield* publish(note(String(n)))
      yield* quiet
      yield* pass(120)
      assert.isBelow(calls, 30)
      assert.deepStrictEqual(yield* deadLetters, [])
      down = false
      yield* pass(700, 5)
      assert.strictEqual(new Set(done).size, 200)
      assert.deepStrictEqual(yield* deadLetters, [])
    }).pipe(Effect.scoped, Effect.provide(memory)))

  it.effect("closing does not wait for the end of an outage", () =>
    Effect.gen(function*() {
      let calls = 0
      const close = yield* closable(Consumer.run(
        consumer(() => {
          calls++
          return Effect.fail(new Fault.Unavailable({ dependency: "mongodb", reason: "down" }))
        })
      ))
      for (let n = 0; n < 40; n++) yield* publish(note(String(n)))
      yield* eventually("the outage is noticed", () => calls >= 5)
      yield* quiet
      yield* close
    }).pipe(Effect.scoped, Effect.provide(memory)))
})

describe("declaring", () => {
  it("a consumer names its queue and types, so that all queues can be declared before anything is published", () => {
    const made = Consumer.make({
      queue: "q",
      handlers: [Consumer.on(NoteWritten, () => Effect.void), Consumer.on(NoteIndexed, () => Effect.void)]
    })
    assert.deepStrictEqual(made.queue, { name: "q", types: ["notes.note.written", "notes.note.indexed"] })
  })

  it("two handlers for one message class are refused", () => {
    const handler = Consumer.on(NoteWritten, () => Effect.void)
    assert.throws(() => Consumer.make({ queue: "q", handlers: [handler, handler] }), /two handlers/)
  })
})
