import { assert, describe, it } from "@effect/vitest"
import { Predicate, type ViewStore } from "@kanau/views"
import { Effect, Result } from "effect"
import type { Filter } from "../../src/kana/Filter.ts"
import { parse } from "../../src/kana/FilterParser.ts"
import { type Entity, filters } from "../../src/kana/Filters.ts"
import { plan, resolve, type Situation } from "../../src/kana/Plan.ts"
import { filtersFrom, randomFrom } from "./randomFilters.ts"
import { type Document, shapeOf } from "./world.ts"

const situation: Situation = { today: 20220115, reader: "u2", readsPrivate: false }
const entities = Object.keys(filters) as ReadonlyArray<Entity>
const ids = ["v1", "v2", "r1", "r2", "c1", "p1", "s1.1", "s1.2", "q1", "q2", "g1", "i1"]

/** Some of the ids, always the same ones for the same question. */
const answered = (question: unknown): ReadonlyArray<string> => {
  const text = JSON.stringify(question)
  const random = randomFrom(Array.from(text).reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7))
  return ids.filter(() => random() < 0.5)
}

const predicateOf = (entity: Entity, filter: Filter): Predicate.Predicate =>
  Effect.runSync(resolve(plan(entity, filter, situation), (question) => Effect.succeed(answered(question))))

/** "and" and "or" by themselves, everything else as planned alone. */
const isMet = (entity: Entity, filter: Filter, document: Document): boolean => {
  if (filter.is === "and") return filter.of.every((each) => isMet(entity, each, document))
  if (filter.is === "or") return filter.of.some((each) => isMet(entity, each, document))
  return Predicate.holds(predicateOf(entity, filter), document)
}

type Value = string | number | boolean | null

/** The values that a predicate compares, by field, and by list and member. */
const compared = (predicate: Predicate.Predicate, list: string, found: Map<string, Array<Value>>): void => {
  if ("all" in predicate) predicate.all.forEach((each) => compared(each, list, found))
  else if ("any" in predicate) predicate.any.forEach((each) => compared(each, list, found))
  else if ("not" in predicate) compared(predicate.not, list, found)
  else if ("some" in predicate) compared(predicate.where, `${predicate.some}.`, found)
  else {
    const values = found.get(list + predicate.field) ?? []
    found.set(list + predicate.field, [...values, ...predicate.values])
  }
}

/** Documents that hold what a predicate asks for, now and then. */
const documentsFor = (
  entity: Entity,
  predicate: Predicate.Predicate,
  random: () => number
): ReadonlyArray<Document> => {
  const values = new Map<string, Array<Value>>()
  compared(predicate, "", values)
  const pick = (path: string, type: string): Value => {
    const known = [...(values.get(path) ?? []), null, type === "number" ? 5 : type === "boolean" ? true : "?"]
    const value = known[Math.floor(random() * known.length)]!
    return typeof value === "number" ? value + Math.floor(random() * 3) - 1 : value
  }
  const some = <A>(make: () => A): ReadonlyArray<A> => Array.from({ length: Math.floor(random() * 4) }, make)
  const valueOf = (field: string, type: ViewStore.FieldType): ViewStore.FieldValue => {
    if (typeof type === "object") {
      return some(() =>
        Object.fromEntries(
          Object.entries(type.records).map(([member, kind]) => [member, pick(`${field}.${member}`, kind)])
        )
      )
    }
    if (type !== "texts" && type !== "numbers") return pick(field, type)
    // Lists hold no null.
    return some(() => pick(field, type)).filter((value) => value !== null) as ReadonlyArray<string>
  }
  const { fields } = shapeOf(entity)
  return ids.slice(0, 6).map((id) => ({
    id,
    fields: Object.fromEntries(Object.entries(fields).map(([field, type]) => [field, valueOf(field, type)]))
  }))
}

describe("Kana 2.3 plans", () => {
  it("Kana 2.3 and/or of several filters on the same field mean all/any of them, whatever they are planned as", () => {
    const next = filtersFrom(23, { ids: 2, words: ["a", "b c", "v1", "-"] })
    const random = randomFrom(29)
    let met = 0
    for (let at = 0; at < 3000; at++) {
      const entity = entities[at % entities.length]!
      const input = at % 2 === 0
        ? next(entity)
        : [at % 4 === 1 ? "and" : "or", next(entity), next(entity), next(entity)]
      const filter = Result.getOrThrow(parse(entity, input))!
      const predicate = predicateOf(entity, filter)
      for (const document of documentsFor(entity, predicate, random)) {
        const expected = isMet(entity, filter, document)
        if (expected) met++
        assert.strictEqual(
          Predicate.holds(predicate, document),
          expected,
          JSON.stringify({ input, document, predicate })
        )
      }
    }
    // Both outcomes are common, or the test would say nothing.
    assert.isTrue(met > 4000 && met < 14_000, String(met))
  })

  it("Kana 2.3 several = and != of one field become one comparison", () => {
    const planned = (input: unknown) => plan("vn", Result.getOrThrow(parse("vn", input)), situation)
    assert.deepStrictEqual(planned(["or", ["lang", "=", "en"], ["id", "=", 1], ["or", ["lang", "=", "de"]]]), {
      any: [{ field: "langs", is: "in", values: ["en", "de"] }, { field: "id", is: "in", values: ["v1"] }]
    })
    assert.deepStrictEqual(planned(["and", ["lang", "!=", "en"], ["lang", "!=", "de"]]), {
      not: { field: "langs", is: "in", values: ["en", "de"] }
    })
    assert.deepStrictEqual(planned(["and", ["search", "=", ""]]), { all: [] })
  })
})
