import { assert, describe, it } from "@effect/vitest"
import { CausalToken } from "@kanau/views"
import { Clock, Deferred, Effect } from "effect"
import { TestClock } from "effect/testing"
import { withGateway, type World } from "./gateway.ts"
import { type Random, random } from "./random.ts"

type Get = (path: string, headers?: Record<string, string>) => Promise<Response>

const token = (position: number) =>
  Effect.map(Clock.currentTimeMillis, (now) => CausalToken.format(String(position), now))

const textOf = async (response: Response) => ((await response.json()) as { text: string }).text

describe("causal reads and memory", () => {
  it.effect("NV-2 a document loaded after its change was seen applied is served from memory", () =>
    withGateway((world, get) =>
      Effect.gen(function*() {
        world.gap(false)
        world.put("a", "old")
        const [first, second] = [yield* token(1), yield* token(2)]
        const read = (after?: string) =>
          Effect.promise(() => get("/note/a", after === undefined ? {} : { "kanau-after": after }).then(textOf))
        assert.strictEqual(yield* read(), "old")
        world.apply("1")
        assert.strictEqual(yield* read(first), "old")
        assert.strictEqual(world.reads, 2, "what was loaded before says nothing about the change")
        assert.strictEqual(yield* read(first), "old")
        assert.strictEqual(yield* read(), "old")
        assert.strictEqual(world.reads, 2, "what was loaded since does")
        // The announcement of this change is lost.
        world.put("a", "new")
        world.apply("2")
        assert.strictEqual(yield* read(first), "old", "which is all that this token demands")
        assert.strictEqual(yield* read(`${first},${second}`), "new")
        assert.strictEqual(yield* read(), "new", "the newer one took the place of the older")
        assert.strictEqual(world.reads, 3)
      })
    ))

  it.effect("NV-2 a causal read does not join a load that began before", () =>
    withGateway((world, get) =>
      Effect.gen(function*() {
        world.gap(false)
        world.put("a", "old")
        const gate = yield* Deferred.make<void>()
        world.hold = Deferred.await(gate)
        const slow = get("/note/a")
        world.hold = Effect.void
        world.put("a", "new")
        world.apply("1")
        const after = { "kanau-after": yield* token(1) }
        assert.strictEqual(yield* Effect.promise(() => get("/note/a", after).then(textOf)), "new")
        assert.strictEqual(
          yield* Effect.promise(() => get("/note?id=a", after).then((page) => page.text())),
          "{\"results\":[{\"id\":\"a\",\"text\":\"new\"}],\"missing\":[]}"
        )
        yield* Deferred.succeed(gate, undefined)
        assert.strictEqual(yield* Effect.promise(() => slow.then(textOf)), "old")
        assert.strictEqual(yield* Effect.promise(() => get("/note/a").then(textOf)), "new", "the late one is not kept")
      })
    ))

  it.effect("NV-2 another generation empties the memory", () =>
    withGateway((world, get) =>
      Effect.gen(function*() {
        world.gap(false)
        world.put("a", "first")
        world.put("a", "second", { collection: "note__2" })
        const read = Effect.promise(() => get("/note/a").then(textOf))
        assert.strictEqual(yield* read, "first")
        yield* world.show(2)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* read, "second")
        const page = yield* Effect.promise(() => get("/note").then((response) => response.text()))
        assert.strictEqual(page, "{\"results\":[{\"id\":\"a\",\"text\":\"second\"}],\"next\":null}")
      })
    ))

  it.effect("NV-2 an announcement that cannot be read means that anything may have changed", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.gap(false)
        world.put("a", "old")
        await get("/note/a")
        world.put("a", "new")
        world.babble()
        assert.strictEqual(await textOf(await get("/note/a")), "new")
      })
    ))

  it.effect("NV-2 what is used stays when memory is full", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.gap(false)
        for (let at = 0; at < 40; at++) world.put(`n${at}`, "x".repeat(1000), { gzip: true })
        await get("/note/n0")
        for (let at = 1; at < 40; at++) {
          await get(`/note/n${at}`)
          await get("/note/n0")
        }
        assert.strictEqual(world.reads, 40, "each once")
        await get("/note/n39")
        assert.strictEqual(world.reads, 40)
        await get("/note/n1")
        assert.strictEqual(world.reads, 41)
      }), { cacheBytes: 12_000 }))

  for (let seed = 1; seed <= 40; seed++) {
    it.effect(`NV-2 no answer is older than its token demands, nor than ten seconds (seed ${seed})`, () =>
      withGateway((world, get) => machine(world, get, random(seed)), { cacheBytes: seed % 3 === 0 ? 4000 : 64_000 }))
  }
})

/** Lets everything that can go on do so. */
const settled = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

/**
 * Changes, announcements that are lost, doubled, late and out of order, losses of the bus, switches of generations, and
 * reads that take long, in any order. The text of a document is the position of its last change.
 */
const machine = (world: World, get: Get, { below, chance, of }: Random) =>
  Effect.gen(function*() {
    const ids = ["a", "b", "c"] as const
    const changes: Array<{ readonly id: string; readonly position: number; readonly at: number; isApplied: boolean }> =
      []
    const mail: Array<string> = []
    const gates: Array<Deferred.Deferred<void>> = []
    const reads: Array<Promise<void>> = []
    let generation = 1
    let answers = 0
    world.hold = Effect.suspend(() => {
      if (chance(60)) return Effect.void
      const gate = Deferred.makeUnsafe<void>()
      gates.push(gate)
      return Deferred.await(gate)
    })
    const now = Clock.currentTimeMillis
    const change = Effect.gen(function*() {
      const id = of(ids)
      const position = changes.length + 1
      // The generation that is shown comes last.
      for (const collection of generation === 1 ? ["note__2", "note"] : ["note", "note__2"]) {
        world.put(id, String(position), { collection })
      }
      changes.push({ id, position, at: yield* now, isApplied: false })
      mail.push(id)
    })
    const read = Effect.gen(function*() {
      const id = of(ids)
      const began = yield* now
      const named = chance(60) ? changes.filter(() => chance(10)).slice(-3) : []
      const demanded = Math.max(
        0,
        ...named.filter((one) => one.id === id).map(({ position }) => position),
        ...changes.filter((one) => one.id === id && one.at < began - 11_000).map(({ position }) => position)
      )
      const after = (yield* Effect.forEach(named, ({ position }) => token(position))).join(",")
      const path = of([`/note/${id}`, `/note?id=${id}`, `/note/${id}?fields=text`])
      reads.push(
        get(path, after === "" ? {} : { "kanau-after": after }).then(async (response) => {
          const body = await response.text()
          if (response.status === 503) return
          answers++
          const found = response.status === 404 ? 0 : Number(/"text":"(\d+)"/.exec(body)?.[1] ?? 0)
          assert.isAtLeast(found, demanded, `${path} after ${after || "nothing"}: ${body}`)
        })
      )
    })
    yield* Effect.sync(() => world.gap(false))
    for (let step = 0; step < 250; step++) {
      const action = below(100)
      if (action < 20) yield* change
      else if (action < 35) {
        const waiting = changes.filter(({ isApplied }) => !isApplied)
        if (waiting.length > 0) {
          const one = of(waiting)
          one.isApplied = true
          world.apply(String(one.position))
        }
      } else if (action < 45 && mail.length > 0) {
        const at = below(mail.length)
        const fate = below(3)
        if (fate > 0) world.changed(mail[at] as string)
        if (fate < 2) mail.splice(at, 1)
      } else if (action < 47) world.gap(chance(50))
      else if (action < 49) {
        generation = 3 - generation
        yield* world.show(generation)
      } else if (action < 60) yield* TestClock.adjust(of(["10 millis", "1 second", "5 seconds"] as const))
      else if (action < 72 && gates.length > 0) {
        yield* Deferred.succeed(gates.splice(below(gates.length), 1)[0] as Deferred.Deferred<void>, undefined)
      } else yield* read
      if (chance(70)) yield* settled
    }
    world.hold = Effect.void
    for (const gate of gates) yield* Deferred.succeed(gate, undefined)
    for (let round = 0; round < 10; round++) {
      yield* settled
      yield* TestClock.adjust("1 second")
    }
    yield* Effect.promise(() => Promise.all(reads))
    assert.isAbove(answers, 30)
  })
