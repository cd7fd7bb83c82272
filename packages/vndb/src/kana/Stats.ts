/** `GET /stats`: how many entries there are, counted now and then. */
import { Effect } from "effect"
import type { Name, Store, Trouble } from "./Store.ts"

/** What is counted, by the name of the member. */
const counted: Readonly<Record<string, Exclude<Name, "staff">>> = {
  chars: "character",
  producers: "producer",
  releases: "release",
  tags: "tag",
  traits: "trait",
  vn: "vn"
}

/** The answer. Staff are counted once, whatever their names. */
type Counted = Effect.Effect<Readonly<Record<string, number>>, Trouble>

/** `lately`: counted again when it is older than ten seconds. `again`: now. */
export const make = (store: Store): Effect.Effect<{ readonly lately: Counted; readonly again: Counted }> => {
  const staff = Effect.map(
    store.tally("staff", { field: "ismain", is: "in", values: [true] }),
    (number) => ["staff", number] as const
  )
  const others = Object.entries(counted).map(([member, name]) =>
    Effect.map(store.count(name), (number) => [member, number] as const)
  )
  const again = Effect.map(
    Effect.all([...others, staff], { concurrency: 4 }),
    (numbers) => Object.fromEntries(numbers.toSorted(([a], [b]) => a < b ? -1 : 1))
  )
  return Effect.map(Effect.cachedWithTTL(again, "10 seconds"), (lately) => ({ lately, again }))
}
