import { assert, describe, it } from "@effect/vitest"
import { Envelope, Fault, Id } from "@kanau/core"
import { Bus, Consumer, EmbeddedBus } from "@kanau/messaging"
import { Effect, Exit, Layer, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { DeadLetters, PgDeadLetters, Redrive } from "../src/index.ts"
import { databases } from "./databases.ts"
import { Moved } from "./relaying.ts"

class Jammed extends Fault.define<Jammed>()("Jammed", "invariant", {}, () => "The piece does not move.") {}

const bus = EmbeddedBus.layer({ file: ":memory:" })

const publish = (...moves: ReadonlyArray<readonly [piece: string, turn: number]>) =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    for (const [piece, turn] of moves) {
      yield* bus.publish(yield* Envelope.make(new Moved({ piece, turn }), { source: "/test" }))
    }
  })

/** A queue with a handler that fails for the pieces named, and remembers what it handled. */
const board = (queue: string, options: { readonly parkBehind?: boolean } = {}) => {
  const state = {
    queue,
    jammed: new Set<string>(),
    handled: [] as Array<string>,
    start: Effect.gen(function*() {
      const scope = yield* Scope.make()
      const consumer = Consumer.make({ queue, handlers: [handler] })
      yield* Scope.provide(Consumer.run(options.parkBehind === true ? Consumer.parkBehind(consumer) : consumer), scope)
      yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
      return Scope.close(scope, Exit.void)
    })
  }
  const handler = Consumer.on(Moved, ({ piece, turn }: Moved) =>
    Effect.suspend(() => {
      if (state.jammed.has(piece)) return Effect.fail(new Jammed())
      state.handled.push(`${piece}${turn}`)
      return Effect.void
    }))
  return state
}

/** Waits, bounded, until something is so. */
const until = <E, R>(what: string, isSo: Effect.Effect<boolean, E, R>) =>
  isSo.pipe(
    Effect.delay("5 millis"),
    Effect.repeat({ until: (so) => so }),
    Effect.timeoutOrElse({ duration: "20 seconds", orElse: () => Effect.die(new Error(`It never happened: ${what}`)) })
  )

const untilParked = (queue: string, letters: number) =>
  until(`${letters} letters on ${queue}`, Effect.map(DeadLetters.count({ queue }), (count) => count === letters))

const untilHandled = (board: { readonly handled: ReadonlyArray<string> }, moves: number) =>
  until(`${moves} moves`, Effect.sync(() => board.handled.length >= moves))

/** A board on which the first move of each of these pieces has failed and is parked. */
const parked = (queue: string, ...pieces: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const some = board(queue)
    for (const piece of pieces) some.jammed.add(piece)
    yield* some.start
    yield* PgDeadLetters.collect([queue])
    yield* publish(...pieces.map((piece) => [piece, 1] as const))
    yield* untilParked(queue, pieces.length)
    return some
  })

for (const database of databases) {
  describe(`dead letters on ${database.name}`, () => {
    const test = (title: string, body: (queue: string) => Effect.Effect<void, unknown, Services>) =>
      it.live(title, () =>
        Effect.flatMap(Id.next, (id) => body(`q-${id}`)).pipe(
          Effect.scoped,
          Effect.provide(Layer.provideMerge(PgDeadLetters.layer, Layer.merge(database.layer, bus)))
        ), 60_000)

    test("NF-2 letters are collected, grouped by fault and type, and looked into", (queue) =>
      Effect.gen(function*() {
        const { jammed, start } = board(queue)
        jammed.add("a").add("b")
        yield* start
        yield* PgDeadLetters.collect([queue])
        yield* publish(["a", 1], ["b", 1], ["c", 1])
        yield* untilParked(queue, 2)
        const [group, ...others] = yield* DeadLetters.groups({ queue })
        assert.deepStrictEqual(others, [])
        assert.deepInclude(group, { queue, type: "test.moved", fault: "Jammed", letters: 2 })
        const [first, second] = yield* DeadLetters.list({ queue }, { limit: 10 })
        assert.deepInclude(first, { subject: "a", reason: "permanent-error", attempts: 1, state: "parked" })
        assert.deepStrictEqual(
          (yield* DeadLetters.list({ queue }, { limit: 1, after: first?.number ?? "" })).map(({ number }) => number),
          [second?.number]
        )
        assert.deepStrictEqual(
          (yield* DeadLetters.list({ queue, subject: "b" }, { limit: 10 })).map(({ number }) => number),
          [second?.number]
        )
        const letter = yield* DeadLetters.get(first?.number ?? "")
        assert.deepStrictEqual(JSON.parse(Buffer.from(letter.data).toString()), { piece: "a", turn: 1 })
        assert.strictEqual(letter.attributes["id"], letter.messageId)
        assert.deepStrictEqual(letter.history.map(({ what }) => what), ["parked"])
        assert.strictEqual((yield* Effect.flip(DeadLetters.get("0")))._tag, "NoLetter")
      }))

    test("a letter that is collected twice is there once", (queue) =>
      Effect.gen(function*() {
        const bus = yield* Bus.Bus
        const { jammed, start } = board(queue)
        jammed.add("a")
        yield* yield* Effect.tap(start, () => Effect.andThen(publish(["a", 1]), untilDead(queue)))
        const [letter] = yield* bus.deadLetters(queue, 1)
        if (letter === undefined) return assert.fail("it is dead")
        const twice = Layer.mock(Bus.Bus, {
          collectDeadLetters: (_, store) => Effect.orDie(Effect.andThen(store(letter), store(letter)))
        })
        yield* Effect.provide(PgDeadLetters.collect([queue]), twice)
        assert.strictEqual(yield* DeadLetters.count({ queue }), 1)
      }))

    test("bytes and headers of a stranger are kept as they came", (queue) =>
      Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* board(queue).start
        const attributes = { subject: "a\0b", note: "\ud800 ' \" \\" }
        yield* bus.send(queue, { attributes, data: Uint8Array.from([0, 255, 10]) })
        yield* PgDeadLetters.collect([queue])
        yield* untilParked(queue, 1)
        const [summary] = yield* DeadLetters.list({ queue }, { limit: 1 })
        const letter = yield* DeadLetters.get(summary?.number ?? "")
        assert.deepStrictEqual(letter.attributes, attributes)
        assert.deepStrictEqual([...letter.data], [0, 255, 10])
        assert.strictEqual(letter.reason, "undecodable")
      }))

    test("a redriven letter is handled; one that fails again is parked again and keeps its history (pg-boss #874)", (queue) =>
      Effect.gen(function*() {
        const some = yield* parked(queue, "a", "b")
        some.jammed.delete("a")
        const heard: Array<string> = []
        const sent = yield* Redrive.redrive({ queue }, {
          perSecond: 1000,
          onProgress: (sent, total) => Effect.sync(() => void heard.push(`${sent}/${total}`))
        })
        assert.strictEqual(sent, 2)
        assert.deepStrictEqual(heard, ["1/2", "2/2"])
        yield* untilHandled(some, 1)
        yield* untilParked(queue, 1)
        assert.deepStrictEqual(some.handled, ["a1"])
        const [again] = yield* DeadLetters.list({ queue }, { limit: 10 })
        assert.strictEqual(again?.subject, "b")
        const { history } = yield* DeadLetters.get(again?.number ?? "")
        assert.deepStrictEqual(history.map(({ what }) => what), [
          "parked",
          `redriven to ${queue}`,
          "failed again",
          "parked"
        ])
        assert.strictEqual(yield* DeadLetters.count({ queue, state: "failed-again" }), 1)
      }))

    test("a redrive to a queue nobody consumes is refused before anything is sent (trigger.dev #4855)", (queue) =>
      Effect.gen(function*() {
        const { jammed, start } = board(queue)
        jammed.add("a")
        const stop = yield* start
        yield* PgDeadLetters.collect([queue])
        yield* publish(["a", 1])
        yield* untilParked(queue, 1)
        const elsewhere = yield* Effect.flip(Redrive.redrive({ queue }, { to: "nowhere" }))
        assert.strictEqual(elsewhere._tag, "NobodyConsumes")
        yield* stop
        const fault = yield* Effect.flip(Redrive.redrive({ queue }))
        assert.strictEqual(fault._tag, "NobodyConsumes")
        assert.strictEqual(yield* DeadLetters.count({ queue }), 1)
        assert.deepInclude(yield* (yield* Bus.Bus).status(queue), { ready: 0 })
      }))

    test("two redrives at once send each letter once (DBOS #742)", (queue) =>
      Effect.gen(function*() {
        const some = yield* parked(queue, ...Array.from({ length: 30 }, (_, at) => `p${at}`))
        some.jammed.clear()
        const redrive = Redrive.redrive({ queue }, { perSecond: 1000 })
        const sent = yield* Effect.all([redrive, redrive, redrive], { concurrency: 3 })
        assert.strictEqual(sent.reduce((sum, count) => sum + count, 0), 30)
        yield* untilHandled(some, 30)
        assert.strictEqual(some.handled.length, 30)
      }))

    test("an edited letter is redriven as edited; what is no envelope is refused", (queue) =>
      Effect.gen(function*() {
        const some = yield* parked(queue, "a")
        const [letter] = yield* DeadLetters.list({ queue }, { limit: 1 })
        const number = letter?.number ?? ""
        const refused = yield* Effect.flip(DeadLetters.edit(number, { attributes: { id: "x" } }))
        assert.strictEqual(refused._tag, "InvalidInput")
        yield* DeadLetters.edit(number, { data: Buffer.from("{\"piece\":\"z\",\"turn\":9}") })
        yield* Redrive.redrive({ numbers: [number] })
        yield* untilHandled(some, 1)
        assert.deepStrictEqual(some.handled, ["z9"])
        assert.strictEqual((yield* Effect.flip(DeadLetters.edit(number, {})))._tag, "NoLetter")
      }))

    test("an interrupted redrive parks what it had not sent", (queue) =>
      Effect.gen(function*() {
        const some = yield* parked(queue, "a", "b", "c")
        some.jammed.clear()
        const exit = yield* Effect.exit(Redrive.redrive({ queue }, {
          perSecond: 1000,
          onProgress: (sent) => sent === 1 ? Effect.interrupt : Effect.void
        }))
        assert.isTrue(Exit.isFailure(exit))
        yield* untilHandled(some, 1)
        assert.deepStrictEqual(some.handled, ["a1"])
        assert.strictEqual(yield* DeadLetters.count({ queue }), 2)
      }))

    test("a redrive after a crash goes on with what had been staged", (queue) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const some = yield* parked(queue, "a")
        some.jammed.clear()
        yield* sql`update kanau.dead_letters set state = 'redriving' where queue = ${queue}`
        assert.strictEqual(yield* Redrive.redrive({ queue }), 0)
        assert.strictEqual(yield* Redrive.redrive({ queue, state: "redriving" }), 1)
        yield* untilHandled(some, 1)
      }))

    test("purged letters are gone; trimming forgets only what is done with", (queue) =>
      Effect.gen(function*() {
        const some = yield* parked(queue, "a", "b")
        some.jammed.clear()
        yield* Redrive.redrive({ queue, subject: "a" })
        yield* untilHandled(some, 1)
        assert.strictEqual(yield* DeadLetters.trim({ keep: "1 hour" }), 0)
        assert.isAtLeast(yield* DeadLetters.trim({ keep: 0 }), 1)
        assert.strictEqual(yield* DeadLetters.count({ queue, state: "redriven" }), 0)
        assert.strictEqual(yield* DeadLetters.purge({ queue, fault: "Unavailable" }), 0)
        assert.strictEqual(yield* DeadLetters.purge({ queue, fault: "Jammed" }), 1)
        assert.strictEqual(yield* DeadLetters.count({ queue }), 0)
      }))

    test("later messages of a parked subject wait behind it, and come in their order when it is redriven", (queue) =>
      Effect.gen(function*() {
        const some = board(queue, { parkBehind: true })
        some.jammed.add("a")
        yield* some.start
        yield* publish(["a", 1])
        yield* untilParked(queue, 1)
        some.jammed.clear()
        yield* publish(["a", 2], ["b", 1], ["a", 3])
        yield* untilParked(queue, 3)
        assert.deepStrictEqual(some.handled, ["b1"])
        assert.deepStrictEqual(
          (yield* DeadLetters.list({ queue }, { limit: 10 })).map(({ fault }) => fault),
          ["Jammed", "WaitsBehind", "WaitsBehind"]
        )
        assert.deepInclude(yield* (yield* Bus.Bus).status(queue), { ready: 0, deadLetters: 0 })
        yield* Redrive.redrive({ queue }, { perSecond: 1000 })
        yield* untilHandled(some, 4)
        assert.deepStrictEqual(some.handled, ["b1", "a1", "a2", "a3"])
        yield* until(
          "all are resolved",
          Effect.map(DeadLetters.count({ queue, state: "resolved" }), (count) => count === 3)
        )
        yield* publish(["a", 4])
        yield* untilHandled(some, 5)
      }))

    test("what waits behind a letter that fails again waits on, and keeps its place", (queue) =>
      Effect.gen(function*() {
        const some = board(queue, { parkBehind: true })
        some.jammed.add("a")
        yield* some.start
        yield* publish(["a", 1], ["a", 2], ["a", 3])
        yield* untilParked(queue, 3)
        yield* Redrive.redrive({ queue }, { perSecond: 1000 })
        yield* until(
          "all came back",
          Effect.map(DeadLetters.count({ queue, state: "failed-again" }), (count) => count === 3)
        )
        some.jammed.clear()
        yield* Redrive.redrive({ queue }, { perSecond: 1000 })
        yield* untilHandled(some, 3)
        assert.deepStrictEqual(some.handled, ["a1", "a2", "a3"])
      }))

    test("purging the first letter lets the subject go on", (queue) =>
      Effect.gen(function*() {
        const some = board(queue, { parkBehind: true })
        some.jammed.add("a")
        yield* some.start
        yield* publish(["a", 1])
        yield* untilParked(queue, 1)
        some.jammed.clear()
        yield* DeadLetters.purge({ queue })
        yield* publish(["a", 2])
        yield* untilHandled(some, 1)
        assert.deepStrictEqual(some.handled, ["a2"])
      }))
  })
}

const untilDead = (queue: string) =>
  Effect.flatMap(
    Bus.Bus,
    (bus) => until("it is dead", Effect.map(bus.deadLetters(queue, 1), (letters) => letters.length === 1))
  )

type Services =
  | Layer.Success<typeof bus>
  | Layer.Success<(typeof databases)[number]["layer"]>
  | Scope.Scope
  | Layer.Success<typeof PgDeadLetters.layer>
