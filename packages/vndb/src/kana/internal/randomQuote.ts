/** A quote at random: every visual novel that has some counts alike, and among its quotes those with higher scores more. */
import type { Predicate } from "@kanau/views"
import { Effect, Random } from "effect"
import type { Store, Trouble } from "../Store.ts"

const scored: Predicate.Predicate = { field: "score", is: "gt", values: [0] }

/** Most quotes of one visual novel that are looked at. */
const most = 10_000

/** The id of a quote; nothing if there is none with a score above zero. */
export const randomQuote = (store: Store): Effect.Effect<string | undefined, Trouble> =>
  Effect.gen(function*() {
    const vns = [...(yield* store.pluck("quote", { where: scored, member: "vn" }))].sort()
    const vn = vns[Math.floor((yield* Random.next) * vns.length)]
    if (vn === undefined) return undefined
    const where: Predicate.Predicate = { all: [scored, { field: "vn", is: "in", values: [vn] }] }
    const quotes =
      (yield* store.select("quote", { where, sort: [], skip: 0, limit: most, fields: ["score"], bytes: false }))
        .map(({ fields, id }) => ({ id, score: Number(fields["score"]) }))
    let left = (yield* Random.next) * quotes.reduce((sum, { score }) => sum + score, 0)
    return quotes.find(({ score }) => (left -= score) < 0)?.id
  })
