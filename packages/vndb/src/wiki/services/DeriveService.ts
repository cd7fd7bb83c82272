/**
 * Derives what is derived: for what an event has touched, or everything from scratch. Both run the same statements, write what
 * differs, and announce what they wrote, each step in one transaction.
 */
import { Database, Outbox } from "@kanau/postgres"
import { Array, Clock, Effect } from "effect"
import * as Events from "../derivedEvents.ts"
import type { Changed, Derivation } from "../entities/derived/Derivation.ts"
import { derive } from "../entities/derived/Derivation.ts"
import * as Others from "../entities/derived/others.ts"
import * as Vns from "../entities/derived/vns.ts"
import { activeIds } from "../entities/Entries.ts"
import { kinds } from "../kinds.ts"

/** Some things by id, or all there are. */
export type Wanted = ReadonlyArray<string> | "all"

/** Dates, languages, platforms, developers, cover and length of visual novels. */
export const figures = (wanted: Wanted) => step(Vns.figures, wanted, (id) => new Events.VnFiguresDerived({ id }))

/** The same for all that are shown, in steps short enough for a database that serves people meanwhile. */
export const figuresInSteps = (after?: string): ReturnType<typeof figures> =>
  Effect.flatMap(Database.faults(activeIds({ kind: kinds.vn, after, limit: 1000 })), (ids) => {
    const last = ids.at(-1)
    if (last === undefined) return Effect.succeed([])
    return Effect.zipWith(figures(ids), Effect.suspend(() => figuresInSteps(last)), (some, more) => [...some, ...more])
  })

/** Votes of visual novels, and then the ratings of all, which depend on each other. */
export const votes = Effect.fnUntraced(function*(wanted: Wanted) {
  const counted = yield* written(Vns.votes, wanted)
  const rated = yield* Vns.rate
  const ids = Array.dedupe([...about(counted), ...rated.map(({ id }) => id)])
  yield* announce(ids.map((id) => new Events.VnFiguresDerived({ id })))
  return ids
}, Database.transaction)

/** Tags of visual novels, direct and inherited, and how many have each. */
export const tags = Effect.fnUntraced(function*(wanted: Wanted) {
  const direct = yield* written(Vns.directTags, wanted)
  const inherited = yield* written(Vns.inheritedTags, wanted)
  const ids = Array.dedupe([...about(direct), ...about(inherited)])
  yield* announce(ids.map((id) => new Events.VnTagsDerived({ id })))
  const counted = wanted === "all" ? wanted : others(inherited)
  yield* announce(about(yield* written(Others.tagCounts, counted)).map((id) => new Events.TagDerived({ id })))
  return ids
}, Database.transaction)

/** Inherited traits of characters, and how many have each. */
export const traits = Effect.fnUntraced(function*(wanted: Wanted) {
  const changed = yield* written(Others.inheritedTraits, wanted)
  const ids = Array.dedupe(about(changed))
  yield* announce(ids.map((id) => new Events.CharacterDerived({ id })))
  const counted = wanted === "all" ? wanted : others(changed)
  yield* announce(about(yield* written(Others.traitCounts, counted)).map((id) => new Events.TraitDerived({ id })))
  return ids
}, Database.transaction)

/** The languages in which names of characters are shown. */
export const languages = (wanted: Wanted) =>
  step(Others.characterLanguage, wanted, (id) => new Events.CharacterDerived({ id }))

/** Flags of images. */
export const flags = (wanted: Wanted) => step(Others.imageFlags, wanted, (id) => new Events.ImageDerived({ id }))

/** Tags or traits that are new, or back, have a count too. */
export const counts = (wanted: ReadonlyArray<string>) =>
  Effect.andThen(
    step(Others.tagCounts, wanted.filter((id) => id.startsWith("g")), (id) => new Events.TagDerived({ id })),
    step(Others.traitCounts, wanted.filter((id) => id.startsWith("i")), (id) => new Events.TraitDerived({ id }))
  )

/** Where all of it is; the rows can be thrown away, and derived again. */
export const tables: ReadonlyArray<string> = Array.dedupe(
  [
    Vns.figures,
    Vns.votes,
    Vns.directTags,
    Vns.inheritedTags,
    Others.characterLanguage,
    Others.inheritedTraits,
    Others.tagCounts,
    Others.traitCounts,
    Others.imageFlags
  ].map(({ table }) => table)
)

/** The steps of deriving everything, in the order in which they depend on each other. */
export const everything = [
  { name: "figures of visual novels", run: figures("all") },
  { name: "votes and ratings", run: votes("all") },
  { name: "languages of characters", run: languages("all") },
  { name: "tags", run: tags("all") },
  { name: "traits", run: traits("all") },
  { name: "flags of images", run: flags("all") }
] as const

/** Declared as a function because the list above uses it when the module loads. */
function step(derivation: Derivation, wanted: Wanted, event: (id: string) => { readonly id: string }) {
  return Database.transaction(Effect.gen(function*() {
    const ids = Array.dedupe(about(yield* written(derivation, wanted)))
    yield* announce(ids.map(event))
    return ids
  }))
}

const written = (derivation: Derivation, ids: Wanted) =>
  ids.length === 0 ? Effect.succeed([]) : Effect.flatMap(today, (now) => derive({ derivation, ids, today: now }))

/** The day in UTC as YYYYMMDD. */
const today = Effect.map(
  Clock.currentTimeMillis,
  (millis) => Number(new Date(millis).toISOString().slice(0, 10).replaceAll("-", ""))
)

const about = (changed: ReadonlyArray<Changed>): ReadonlyArray<string> => changed.map(({ id }) => id)

const others = (changed: ReadonlyArray<Changed>): ReadonlyArray<string> =>
  Array.dedupe(changed.flatMap(({ other }) => other === null ? [] : [other]))

const announce = (events: ReadonlyArray<object>) => Effect.flatMap(Outbox.Outbox, (outbox) => outbox.appendAll(events))
