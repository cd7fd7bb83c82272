/** Notes with titles and likes: a truth in memory whose commits are counted, and a view of it with a part. */
import { Message } from "@kanau/core"
import { Consumer, EmbeddedBus } from "@kanau/messaging"
import { MemoryViewStore } from "@kanau/testing"
import { Generations, Projection, Rebuild, View, ViewStore } from "@kanau/views"
import { Clock, Duration, Effect, Layer, Random, Schema } from "effect"

const fields = { id: Schema.String }

export class NoteEdited extends Message.event<NoteEdited>()("test.note-edited", { fields, subject: ({ id }) => id }) {}
export class NoteLiked extends Message.event<NoteLiked>()("test.note-liked", { fields, subject: ({ id }) => id }) {}

export type Note = Readonly<Record<"title" | "likes", number>>

/** What is true. Everything counts up, so that older can be told from newer. */
export class Truth {
  version = 0n
  readonly notes = new Map<string, Note>()
  derivations = 0

  edit(id: string): NoteEdited {
    return this.#commit(id, ({ title, likes }) => ({ title: title + 1, likes }), new NoteEdited({ id }))
  }

  like(id: string): NoteLiked {
    return this.#commit(id, ({ title, likes }) => ({ title, likes: likes + 1 }), new NoteLiked({ id }))
  }

  remove(id: string): NoteEdited {
    this.version++
    this.notes.delete(id)
    return new NoteEdited({ id })
  }

  #commit<E>(id: string, change: (note: Note) => Note, event: E): E {
    this.version++
    this.notes.set(id, change(this.notes.get(id) ?? { title: 0, likes: 0 }))
    return event
  }
}

/** The page of a note; deriving looks first, and takes up to `stall` turns of others until it tells. */
export const viewOf = (truth: Truth, stall = 0): View.View =>
  View.define({
    name: "note",
    dependsOn: [View.on([NoteEdited], ({ id }) => Effect.succeed([id]))],
    derive: (ids) =>
      Effect.suspend(() => {
        truth.derivations++
        return late(stall, [...new Set(ids)].map((id) => derived(truth, id)))
      }),
    keys: (after = "", limit) =>
      Effect.sync(() => [...truth.notes.keys()].sort().filter((id) => id > after).slice(0, limit)),
    fields: { title: "number", likes: "number" },
    indexes: [["likes"]],
    parts: {
      likes: {
        dependsOn: [View.on([NoteLiked], ({ id }) => Effect.succeed([id]))],
        fields: ["likes"],
        derive: (ids) =>
          Effect.suspend(() =>
            late(
              stall,
              ids.map((id) => {
                const likes = truth.notes.get(id)?.likes
                return {
                  id,
                  version: truth.version,
                  json: likes === undefined ? null : JSON.stringify(likes),
                  fields: likes === undefined ? {} : { likes }
                }
              })
            )
          )
      }
    }
  })

const derived = (truth: Truth, id: string): View.Derived => {
  const note = truth.notes.get(id)
  return {
    id,
    version: truth.version,
    revision: note?.title ?? 0,
    // Spelled as a database would.
    json: note === undefined ? null : `{"id" : "${id}", "title" : ${note.title}, "likes" : ${note.likes}}`,
    fields: { ...note }
  }
}

const late = <A>(stall: number, value: A): Effect.Effect<A> =>
  stall === 0 ? Effect.succeed(value) : Effect.gen(function*() {
    const turns = yield* Random.nextIntBetween(0, stall)
    for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
    return value
  })

/** Every write takes a while, so that others come in between. */
const slowStore = Layer.sync(ViewStore.ViewStore, () => {
  const store = MemoryViewStore.make()
  return {
    ...store,
    replaceIfNewer: (collection, documents) => Effect.andThen(late(4, 0), store.replaceIfNewer(collection, documents)),
    replaceIfSame: (collection, document, held) =>
      Effect.andThen(late(4, 0), store.replaceIfSame(collection, document, held))
  } satisfies ViewStore.ViewStoreService
})

/** A store and a bus of its own. */
export const world = Layer.merge(slowStore, EmbeddedBus.layer({ file: ":memory:" }))

/** Time that runs thirty times as fast, for what waits until nobody can be reading any more. */
export const inHurry = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Clock.Clock, (live) => {
    const start = live.currentTimeMillisUnsafe()
    const now = () => start + (live.currentTimeMillisUnsafe() - start) * 30
    const clock: Clock.Clock = Object.create(live, {
      currentTimeMillisUnsafe: { value: now },
      currentTimeMillis: { get: () => Effect.sync(now) },
      sleep: { value: (duration: Duration.Duration) => live.sleep(Duration.millis(Duration.toMillis(duration) / 30)) }
    })
    return Effect.provideService(effect, Clock.Clock, clock)
  })

/** A view-manager until the scope closes. */
export const manager = (view: View.View) =>
  Effect.gen(function*() {
    yield* Consumer.run(Projection.consumer("manager", [view]), { prefetch: 500 })
    yield* Consumer.run(Rebuild.consumer("manager", [view]), { prefetch: 4 })
  })

/** What is shown of a note. */
export const shown = (id: string) =>
  Effect.gen(function*() {
    const store = yield* ViewStore.ViewStore
    const { live } = yield* Generations.read("note")
    const [document] = yield* store.read(Generations.collection("note", live), [id])
    return document === undefined || document.deleted
      ? undefined
      : { ...JSON.parse(new TextDecoder().decode(document.bytes)) as { id: string } & Note, fields: document.fields }
  })

/** What should be. */
export const expected = (truth: Truth, id: string) => {
  const note = truth.notes.get(id)
  return note === undefined ? undefined : { id, ...note, fields: note }
}
