import { assert, describe, layer } from "@effect/vitest"
import { Message } from "@kanau/core"
import { Database, Freshness, Migrations, Outbox, PgViewStore } from "@kanau/postgres"
import { Servers } from "@kanau/testing"
import { View, ViewStore } from "@kanau/views"
import { Clock, Effect, Layer, Redacted, Schema } from "effect"

class Noted extends Message.event<Noted>()("test.noted", { fields: { id: Schema.String }, subject: ({ id }) => id }) {}
class Other extends Message.event<Other>()("test.other", { fields: { id: Schema.String }, subject: ({ id }) => id }) {}

const none = () => Effect.succeed([])
const view = (name: string, event: typeof Noted | typeof Other) =>
  View.define({ name, dependsOn: [View.on([event], none)], derive: none, keys: none })
const views = [view("note", Noted), view("other", Other)]

const place = await Servers.postgresDatabase()
const world = PgViewStore.layer.pipe(
  Layer.provideMerge(Outbox.layer({ source: "/test" })),
  Layer.provideMerge(Layer.effectDiscard(Migrations.run(Migrations.kanau))),
  Layer.provideMerge(Database.layer({ url: Redacted.make(place.url), applicationName: "test" }))
)

const append = (event: object) => Effect.flatMap(Outbox.Outbox, (outbox) => Database.transaction(outbox.append(event)))

const later = <A, E, R>(millis: number, effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Clock.Clock, (clock) => {
    const now = () => clock.currentTimeMillisUnsafe() + millis
    return Effect.provideService(
      effect,
      Clock.Clock,
      Object.create(clock, {
        currentTimeMillisUnsafe: { value: now },
        currentTimeMillis: { get: () => Effect.sync(now) }
      })
    )
  })

describe("Freshness", () => {
  layer(world, { timeout: "60 seconds", excludeTestServices: true })((it) => {
    it.effect("says how many events each view is behind and how old the oldest is, and goes on from what is applied", () =>
      Effect.gen(function*() {
        const store = yield* ViewStore.ViewStore
        assert.deepStrictEqual(yield* Freshness.look(views), [
          { view: "note", behind: 0, oldestSeconds: 0 },
          { view: "other", behind: 0, oldestSeconds: 0 }
        ])
        assert.deepStrictEqual(yield* Freshness.look([]), [])
        const positions = []
        for (const id of ["a", "b", "c"]) positions.push(yield* append(new Noted({ id })))
        yield* append(new Other({ id: "d" }))
        // The second is stuck while the third is applied.
        yield* store.markApplied([positions[0] ?? "", positions[2] ?? ""])
        const [note, other] = yield* later(30_000, Freshness.look(views))
        assert.deepStrictEqual([note?.behind, other?.behind], [1, 1])
        assert.isTrue(Math.abs((note?.oldestSeconds ?? 0) - 30) < 10)
        const noted = yield* store.records.list("freshness/")
        assert.strictEqual(noted[0]?.value, "0")
        yield* later(90_000, Freshness.look(views))
        assert.strictEqual((yield* store.records.list("freshness/"))[0]?.value, positions[0])
        yield* store.markApplied([positions[1] ?? ""])
        assert.strictEqual((yield* Freshness.look(views))[0]?.behind, 0)
      }))
  })
})
