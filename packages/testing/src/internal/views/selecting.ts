import type { Predicate, ViewStore } from "@kanau/views"
import { Effect, Exit } from "effect"
import { expect } from "vitest"
import { expectModel } from "./comparing.ts"
import type { Case } from "./documents.ts"
import { document, tombstone, write } from "./documents.ts"
import * as Model from "./model.ts"
import { randomDocument, randomPredicate, seeded } from "./random.ts"

/** Selections that are refused, that are large, and any. */
export const selecting: ReadonlyArray<Case> = [
  ["what cannot be asked is a defect that names the collection", (store, collection) =>
    Effect.gen(function*() {
      let deep: Predicate.Predicate = { all: [] }
      for (let level = 0; level < 60; level++) deep = { not: deep }
      const leaf = (field: string, ...values: ReadonlyArray<string | number>): Predicate.Predicate => ({
        field,
        is: "in",
        values
      })
      const wrong: ReadonlyArray<Predicate.Predicate> = [
        deep,
        { any: Array.from({ length: 20_000 }, () => leaf("title", "a")) },
        leaf("title'", "a"),
        leaf("$where", "a"),
        leaf("links.name", "a"),
        leaf("rank", Number.NaN),
        { some: "li nks", where: { all: [] } },
        { some: "links", where: { some: "links", where: { all: [] } } },
        { some: "links", where: leaf("x.y", 1) },
        { field: "title", is: "contains", values: ["a".repeat(4001)] }
      ]
      for (const where of wrong) {
        const calls: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          store.select(collection, { where, sort: [], skip: 0, limit: 1 }),
          store.tally(collection, where),
          store.pluck(collection, { where, member: "title" })
        ]
        for (const call of calls) {
          const exit = yield* Effect.exit(call)
          expect(Exit.hasDies(exit) && String(exit)).toContain(collection)
        }
      }
      const odd: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        store.select(collection, {
          where: { all: [] },
          sort: [{ field: "a b", descending: false }],
          skip: 0,
          limit: 1
        }),
        store.select(collection, { where: { all: [] }, sort: [], skip: -1, limit: 1 }),
        store.select(collection, { where: { all: [] }, sort: [], skip: 0, limit: 0.5 }),
        store.select(collection, { where: { all: [] }, sort: [], skip: 0, limit: 1, fields: ["$a"] }),
        store.pluck(collection, { where: { all: [] }, list: "links", member: "na'me" }),
        store.pluck(collection, { where: { all: [] }, list: "lin.ks", member: "name" }),
        store.pluck(collection, { where: leaf("tags.name", "a"), list: "links", member: "name" })
      ]
      for (const call of odd) {
        expect(Exit.hasDies(yield* Effect.exit(call))).toBe(true)
      }
    })],
  ["a large predicate, and thousands of values, are answered", (store, collection) =>
    Effect.gen(function*() {
      const documents = Array.from({ length: 50 }, (_, n) =>
        document(`d${n}`, 1n, {
          fields: {
            rank: n,
            title: `t${n}`,
            tags: [`d${n}`, "x"],
            scores: [n, -1],
            links: [{ name: `l${n}`, level: n }]
          }
        }))
      yield* write(store, collection, ...documents)
      const values = Array.from({ length: 20_000 }, (_, n) => `d${n * 2}`)
      expect(yield* store.tally(collection, { field: "id", is: "in", values })).toBe(25)
      expect(yield* store.tally(collection, { field: "tags", is: "in", values })).toBe(25)
      const scores = values.map((_, n) => n * 2)
      expect(yield* store.tally(collection, { field: "scores", is: "in", values: [...scores, null] })).toBe(25)
      const links = values.map((value) => value.replace("d", "l"))
      expect(yield* store.tally(collection, { some: "links", where: { field: "name", is: "in", values: links } })).toBe(
        25
      )
      const any = Array.from({ length: 1000 }, (_, n): Predicate.Predicate => ({
        all: [{ field: "rank", is: "gte", values: [n * 2] }, { field: "rank", is: "lt", values: [n * 2 + 1] }]
      }))
      expect(yield* store.tally(collection, { any })).toBe(25)
      const many = Array.from({ length: 1400 }, (_, n): Predicate.Predicate => ({
        some: "links",
        where: { field: "name", is: "in", values: Array.from({ length: 50 }, (_, m) => `l${n * 50 + m + 40}`) }
      }))
      expect(yield* store.tally(collection, { any: many })).toBe(10)
      let deep: Predicate.Predicate = { field: "rank", is: "lt", values: [10] }
      for (let level = 0; level < 24; level++) {
        deep = { not: { all: [deep, { field: "rank", is: "gte", values: [0] }] } }
      }
      expect(yield* store.tally(collection, deep)).toBe(10)
    })],
  [
    "any selection, count and pluck are what the predicate says (property)",
    (store, collection) =>
      Effect.gen(function*() {
        const random = seeded(23)
        const documents = Array.from({ length: 60 }, (_, n) => randomDocument(random, `d${n}`, 1n))
        yield* write(store, collection, ...documents, tombstone("gone", 1n))
        let found = 0
        for (let round = 0; round < 120; round++) {
          const where = randomPredicate(random)
          found += yield* expectModel(store, collection, documents, where)
          const sort = ["title", "rank", "nsfw"].slice(random.below(3)).map((field) => ({
            field,
            descending: random.below(2) === 0
          }))
          const selection = { where, sort, skip: random.below(5), limit: random.below(20), fields: ["links", "tags"] }
          expect([
            selection,
            (yield* store.select(collection, selection)).map(({ fields, id }) => ({ id, fields }))
          ]).toEqual([
            selection,
            Model.selected(documents, selection).map((each) => ({
              id: each.id,
              fields: { links: Model.fieldOf(each, "links"), tags: Model.fieldOf(each, "tags") }
            }))
          ])
          const shallow = () => randomPredicate(random, true, 1)
          const pairs = round % 2 === 0 ? randomPredicate(random, true) : { any: [shallow(), shallow()] }
          // Of few documents, because all of them hold every name.
          const few = { field: "id", is: "in", values: [0, 0, 0, 0].map(() => `d${random.below(60)}`) } as const
          const pluckings: ReadonlyArray<ViewStore.Plucking> = [
            { where: pairs, list: "links", member: "name" },
            { where: { all: [pairs, few] }, list: "links", member: "name" },
            { where, member: random.of(["title", "tags", "id"], "id") }
          ]
          for (const plucking of pluckings) {
            const plucked = yield* store.pluck(collection, plucking)
            expect([plucking, [...plucked].toSorted()]).toEqual([
              plucking,
              [...Model.plucked(documents, plucking)].toSorted()
            ])
            found += plucked.size
          }
        }
        // That much was compared.
        expect(found).toBeGreaterThan(1000)
      })
  ]
]
