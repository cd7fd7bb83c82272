import { assert, describe, it } from "@effect/vitest"
import { ViewStore } from "@kanau/views"
import { Result } from "effect"
import { type DocumentName, documents } from "../../src/kana/documents.ts"
import { parse } from "../../src/kana/FilterParser.ts"
import { type Entity, filters } from "../../src/kana/Filters.ts"
import { plan, type Situation } from "../../src/kana/Plan.ts"
import { labels } from "../../src/kana/SearchText.ts"
import { filtersFrom } from "./randomFilters.ts"
import { found, guest, matches, shapeOf, those, type World } from "./world.ts"

const vns = (...all: ReadonlyArray<Readonly<Record<string, ViewStore.FieldValue>>>): World => ({
  vn: those("v", ...all)
})
const entities = Object.keys(filters) as ReadonlyArray<Entity>

describe("Kana 2.3 documents", () => {
  it("Kana 2.3 every kind of document is of a shape that stores accept", () => {
    for (const name of Object.keys(documents) as ReadonlyArray<DocumentName>) {
      assert.isUndefined(ViewStore.mistakeOf(shapeOf(name)), name)
    }
  })

  it("Kana 2.3 whatever filter: only declared fields, in ways their types allow", () => {
    const next = filtersFrom(11)
    const situations: ReadonlyArray<Situation> = [guest, { today: 20220101, reader: "u2", readsPrivate: true }]
    for (let at = 0; at < 2000; at++) {
      const entity = entities[at % entities.length]!
      const filter = Result.getOrThrow(parse(entity, next(entity)))
      for (const situation of situations) assert.isEmpty(found({}, entity, plan(entity, filter, situation)).ids)
    }
  })

  it("Kana 2.3 a request of 1000 filters stays within what stores take", () => {
    const many = Array.from({ length: 1000 }, (_, at) => ["resolution_aspect", at % 2 ? "!=" : "<=", [at + 1, at]])
    assert.strictEqual(matches({}, "release", ["or", ...many]), "")
  })
})

describe("Kana 2.3 filters of visual novels", () => {
  it("Kana 2.3 id: equality by id, order by number", () => {
    const world = vns(...Array.from({ length: 11 }, () => ({})))
    assert.strictEqual(matches(world, "vn", ["id", "=", 10]), "v10")
    assert.strictEqual(matches(world, "vn", ["and", ["id", "<=", "v10"], ["id", ">", "v8"]]), "v9 v10")
    assert.strictEqual(matches(world, "vn", ["or", ["id", "=", "v2"], ["id", "=", "v11"]]), "v2 v11")
    assert.strictEqual(matches(world, "vn", ["and", ["id", "!=", "v2"], ["id", "<", "v4"]]), "v1 v3")
  })

  it("Kana 2.3 released: a partial date comes after the days in it, and equals itself only", () => {
    const world = vns(
      { released: 0 },
      { released: 20211231 },
      { released: 20220131 },
      { released: 20220199 },
      { released: 20220201 },
      { released: 20229999 },
      { released: 99999999 }
    )
    assert.strictEqual(matches(world, "vn", ["released", "<", "2022-01"]), "v1 v2 v3")
    assert.strictEqual(matches(world, "vn", ["released", "=", "2022"]), "v6")
    assert.strictEqual(matches(world, "vn", ["released", ">", "2022"]), "v7")
    assert.strictEqual(matches(world, "vn", ["released", "=", "TBA"]), "v7")
    assert.strictEqual(matches(world, "vn", ["released", "=", "unknown"]), "v1")
    assert.strictEqual(matches(world, "vn", ["released", "<=", "today"]), "v1 v2")
    assert.strictEqual(matches(world, "vn", ["released", "!=", "unknown"]), "v2 v3 v4 v5 v6 v7")
    assert.strictEqual(matches(world, "vn", ["released", "<=", "today"], { ...guest, today: 20220131 }), "v1 v2 v3")
  })

  it("Kana 2.3 rating: in tens, and unrated is neither equal nor unequal", () => {
    const world = vns({ rating: 850 }, { rating: 851 }, { rating: null }, { rating: 849 })
    assert.strictEqual(matches(world, "vn", ["rating", "=", 85]), "v1")
    assert.strictEqual(matches(world, "vn", ["rating", "!=", 85]), "v2 v4")
    assert.strictEqual(matches(world, "vn", ["rating", ">=", 85]), "v1 v2")
    assert.strictEqual(matches(world, "vn", ["rating", "<", 85]), "v4")
  })

  it("Kana 2.3 popularity: 150 votes each", () => {
    const world = vns({ votecount: 149 }, { votecount: 150 }, { votecount: 300 })
    assert.strictEqual(matches(world, "vn", ["popularity", ">=", 1]), "v2 v3")
    assert.strictEqual(matches(world, "vn", ["votecount", "<", 150]), "v1")
  })

  it("Kana 2.3 lang and platform: several = within and mean all of them, within or any", () => {
    const world = vns({ langs: ["ja"] }, { langs: ["ja", "en"] }, { langs: ["en"] }, { langs: [] })
    const ja = ["lang", "=", "ja"]
    const en = ["lang", "=", "en"]
    assert.strictEqual(matches(world, "vn", ["and", ja, en]), "v2")
    assert.strictEqual(matches(world, "vn", ["or", ja, en]), "v1 v2 v3")
    assert.strictEqual(matches(world, "vn", ["and", ["lang", "!=", "ja"], ["lang", "!=", "en"]]), "v4")
    assert.strictEqual(matches(world, "vn", ["or", ["lang", "!=", "ja"], ["lang", "!=", "en"]]), "v1 v3 v4")
  })

  it("Kana 2.3 length: a time on the border belongs to both classes", () => {
    const world = vns({ length: [1, 2] }, { length: [3] }, { length: [0] })
    assert.strictEqual(matches(world, "vn", ["length", "=", 1]), "v1")
    assert.strictEqual(matches(world, "vn", ["length", "=", 2]), "v1")
    assert.strictEqual(matches(world, "vn", ["length", "!=", 2]), "v2 v3")
  })

  it("Kana 2.3 has_*: != negates", () => {
    for (const name of ["has_description", "has_anime", "has_screenshot", "has_review"]) {
      const world = vns({ [name]: true }, { [name]: false })
      assert.strictEqual(matches(world, "vn", [name, "=", 1]), "v1")
      assert.strictEqual(matches(world, "vn", [name, "!=", 1]), "v2")
    }
  })

  it("Kana 2.3 tag and dtag: spoilers, level and lies are of the same tag", () => {
    const g = (t: string, s: number, l: number, x: boolean) => ({ t, s, l, x })
    for (const name of ["tag", "dtag"]) {
      const world = vns(
        { [`${name}s`]: [g("g1", 0, 1, false), g("g2", 2, 3, false)] },
        { [`${name}s`]: [g("g1", 1, 2.5, false)] },
        { [`${name}s`]: [g("g1", 0, 2, true)] },
        { [`${name}s`]: [g("g3", 0, 0.4, false)] }
      )
      assert.strictEqual(matches(world, "vn", [name, "=", "g1"]), "v1 v3")
      assert.strictEqual(matches(world, "vn", [name, "=", ["g1", 1, 0]]), "v1 v2 v3")
      assert.strictEqual(matches(world, "vn", [name, "=", ["g2", 2, 0]]), "v1")
      assert.strictEqual(matches(world, "vn", [name, "=", ["g2", 1, 0]]), "")
      assert.strictEqual(matches(world, "vn", [name, "=", ["g3", 2, 0.2]]), "v4")
      assert.strictEqual(matches(world, "vn", [name, "=", ["g3", 2, 0.6]]), "")
      assert.strictEqual(matches(world, "vn", [name, "=", ["g1", 2, 2]]), "v2 v3")
      assert.strictEqual(matches(world, "vn", [name, "=", ["g1", 2, 2, 1]]), "v2")
      assert.strictEqual(matches(world, "vn", [name, "!=", "g1"]), "v2 v4")
      assert.strictEqual(matches(world, "vn", ["and", [name, "=", "g1"], [name, "=", ["g2", 2, 0]]]), "v1")
      assert.strictEqual(matches(world, "vn", ["or", [name, "=", "g1"], [name, "=", ["g1", 1, 0]]]), "v1 v2 v3")
    }
  })

  it("Kana 2.3 anime_id, developer_id, devstatus, olang", () => {
    const world = vns(
      { anime: [5], developers: ["p1"], devstatus: 1, olang: "ja" },
      { anime: [], developers: [], devstatus: 0, olang: "en" }
    )
    assert.strictEqual(matches(world, "vn", ["anime_id", "=", 5]), "v1")
    assert.strictEqual(matches(world, "vn", ["developer_id", "=", 1]), "v1")
    assert.strictEqual(matches(world, "vn", ["devstatus", "!=", 1]), "v2")
    assert.strictEqual(matches(world, "vn", ["olang", "=", "en"]), "v2")
  })
})

describe("Kana 2.6 search", () => {
  const world = vns(
    { labels: labels([["Ever17 -the out of infinity-", 3]]) },
    { labels: labels([["Never7", 3], ["The end of infinity", 2]]) },
    { labels: labels([["悪魔のミラー~ラ", 3], ["v1 handbook", 2]]) },
    { labels: [] }
  )

  it("Kana 2.6 every word must be in the same label, anywhere in it", () => {
    assert.strictEqual(matches(world, "vn", ["search", "=", "er7"]), "v2")
    assert.strictEqual(matches(world, "vn", ["search", "=", "INFINITY ever"]), "v1")
    assert.strictEqual(matches(world, "vn", ["search", "=", "\"out of infinity\""]), "v1")
    assert.strictEqual(matches(world, "vn", ["search", "=", "\"out infinity\""]), "")
    assert.strictEqual(matches(world, "vn", ["search", "=", "魔のミラ"]), "v3")
    assert.strictEqual(matches(world, "vn", ["search", "!=", "infinity"]), "v3 v4")
  })

  it("Kana 2.6 a single word that is an id finds that entry too", () => {
    assert.strictEqual(matches(world, "vn", ["search", "=", "v1"]), "v1 v3")
    assert.strictEqual(matches(world, "vn", ["search", "=", "r2"]), "")
    assert.strictEqual(matches(world, "vn", ["search", "=", "v1 hand"]), "v3")
  })

  it("Kana 2.6 nothing but punctuation, or no text at all, finds everything", () => {
    assert.strictEqual(matches(world, "vn", ["search", "=", " -- ♥"]), "v1 v2 v3 v4")
    assert.strictEqual(matches(world, "vn", ["search", "=", ["x"]]), "v1 v2 v3 v4")
    assert.strictEqual(matches(world, "vn", ["search", "!=", ""]), "")
  })

  it("Kana 2.6 words longer than any label find nothing, and many words count as predicates", () => {
    assert.strictEqual(matches(world, "vn", ["search", "=", "x".repeat(5000)]), "")
    const text = Array.from({ length: 1002 }, (_, at) => `w${at}`).join(" ")
    assert.isTrue(Result.isFailure(parse("vn", ["search", "=", text])))
  })
})
