import { assert, describe, it } from "@effect/vitest"
import { Predicate, ViewStore } from "@kanau/views"
import { Cause, Effect, Exit } from "effect"

const fields: ViewStore.Shape["fields"] = {
  title: "text",
  rank: "number",
  nsfw: "boolean",
  tags: "texts",
  links: { records: { id: "text", level: "number", minor: "boolean" } }
}

const document = {
  id: "v2",
  fields: {
    title: "a\u{10000}",
    rank: 0,
    nsfw: false,
    tags: ["x", ""],
    links: [{ id: "l1", level: 1 }, { id: "l2", level: 2 }]
  }
}

const is = (field: string, is: Predicate.Comparison["is"], ...values: Predicate.Comparison["values"]) => ({
  field,
  is,
  values
})

describe("Predicate", () => {
  it("holds: comparisons by type and code point, null only by in, lists by what they hold", () => {
    const cases: ReadonlyArray<readonly [Predicate.Predicate, boolean]> = [
      [is("id", "in", "v1", "v2"), true],
      [is("id", "gt", "v10"), true],
      // U+10000 is above U+FFFF, though its first half is below it.
      [is("title", "gt", "a\uffff"), true],
      [is("title", "lt", "a\u{10000}"), false],
      [is("title", "lte", "a\u{10000}"), true],
      [is("title", "gt", "a"), true],
      [is("title", "contains", "\u{10000}"), true],
      [is("title", "contains", "A"), false],
      [is("rank", "gte", 0), true],
      [is("rank", "in", "0"), false],
      [is("rank", "lt", "1"), false],
      [is("rank", "in"), false],
      [is("nsfw", "lt", true), true],
      [is("missing", "in", null), true],
      [is("missing", "gte", null), false],
      [is("toString", "in", null), true],
      [{ not: is("missing", "gt", 1) }, true],
      [is("tags", "in", "y", ""), true],
      [is("tags", "in", null), false],
      [{ some: "links", where: { all: [is("id", "in", "l1"), is("level", "in", 2)] } }, false],
      [{ some: "links", where: is("id", "in", "v2") }, false],
      [{ some: "links", where: is("minor", "in", null) }, true],
      [{ some: "tags", where: { all: [] } }, false],
      [{ some: "missing", where: { all: [] } }, false]
    ]
    for (const [predicate, expected] of cases) {
      assert.deepStrictEqual([predicate, Predicate.holds(predicate, document)], [predicate, expected])
      assert.deepStrictEqual([predicate, Predicate.holds({ not: predicate }, document)], [predicate, !expected])
    }
  })

  it("holds: a path names the member of the current record, and nothing without one", () => {
    const where: Predicate.Predicate = {
      all: [is("links.level", "in", 2), { some: "links", where: is("level", "in", 1) }]
    }
    const current = (level: number) => ({ list: "links", record: { id: "l", level } })
    assert.isTrue(Predicate.holds(where, document, current(2)))
    assert.isFalse(Predicate.holds(where, document, current(1)))
    assert.isFalse(Predicate.holds(where, document))
  })

  it("parts: each holds of what it is about, and together they are the whole", () => {
    const where: Predicate.Predicate = {
      all: [
        is("rank", "in", 0),
        { all: [is("links.level", "in", 2), { not: is("links.id", "in", "x") }] },
        { any: [is("links.level", "in", 2), is("nsfw", "in", true)] },
        { some: "links", where: is("level", "in", 9) },
        { any: [] }
      ]
    }
    assert.deepStrictEqual(Predicate.parts(where, "links"), {
      document: { all: [is("rank", "in", 0), { some: "links", where: is("level", "in", 9) }, { any: [] }] },
      record: { all: [is("level", "in", 2), { not: is("id", "in", "x") }] },
      both: { all: [{ any: [is("links.level", "in", 2), is("nsfw", "in", true)] }] }
    })
  })

  it("mistakeOf: what a shape does not declare, and what fits no type", () => {
    const cases: ReadonlyArray<readonly [Predicate.Predicate, string | undefined]> = [
      [{ all: [is("title", "contains", "a"), is("id", "gt", "a"), is("tags", "in", "a", null)] }, undefined],
      [{ some: "links", where: { not: is("id", "contains", "a") } }, undefined],
      [is("year", "in", 1), "it names the field year, which is not declared"],
      [is("constructor", "in", 1), "it names the field constructor, which is not declared"],
      [is("tags", "gt", "a"), "it asks whether the list tags is greater or less"],
      [is("tags", "contains", "a"), "it looks for a text in tags, which is no text"],
      [is("rank", "contains", "a"), "it looks for a text in rank, which is no text"],
      [is("links", "in", "a"), "it compares links, which holds records; ask for some of them"],
      [is("links.id", "in", "a"), "it names links.id, which is no field"],
      [
        { some: "tags", where: { all: [] } },
        "it looks for records in tags, which is not declared as a list of records"
      ],
      [{ some: "links", where: is("year", "in", 1) }, "it names the member year, which is not declared"],
      [
        { some: "links", where: { some: "links", where: { all: [] } } },
        "records of links hold no lists, but it asks for links in them"
      ],
      [is("rank", "in", Infinity), "it compares rank with what is no number"]
    ]
    for (const [predicate, expected] of cases) {
      assert.deepStrictEqual([predicate, Predicate.mistakeOf(predicate, fields)], [predicate, expected])
      assert.deepStrictEqual(Predicate.mistakeOf({ any: [{ not: predicate }] }, fields), expected)
    }
    assert.isUndefined(Predicate.mistakeOf(is("links.id", "in", "a"), fields, "links"))
    assert.strictEqual(
      Predicate.mistakeOf(is("links.year", "in", 1), fields, "links"),
      "it names the member links.year, which is not declared"
    )
    assert.strictEqual(
      Predicate.mistakeOf({ all: [] }, fields, "tags"),
      "it looks for records in tags, which is not declared as a list of records"
    )
  })

  it("mistakeOf: levels and parts are bounded, however many there are", () => {
    const nested = (levels: number): Predicate.Predicate => {
      let predicate: Predicate.Predicate = { all: [] }
      for (let level = 1; level < levels; level++) predicate = { not: predicate }
      return predicate
    }
    assert.isUndefined(Predicate.mistakeOf(nested(50)))
    assert.strictEqual(Predicate.mistakeOf(nested(51)), "it has more than 50 levels")
    assert.strictEqual(Predicate.mistakeOf(nested(100_000)), "it has more than 50 levels")
    const wide = (parts: number): Predicate.Predicate => ({
      any: Array.from({ length: parts - 1 }, () => ({ all: [] }))
    })
    assert.isUndefined(Predicate.mistakeOf(wide(20_000)))
    assert.strictEqual(Predicate.mistakeOf(wide(20_001)), "it has more than 20000 parts")
  })

  it("checkAsked dies of what the fields cannot do, and says of which collection", () => {
    const all = { all: [] }
    const sorted = (field: string) => ({ where: all, sort: [{ field, descending: false }] })
    const cases: ReadonlyArray<readonly [Parameters<typeof ViewStore.checkAsked>[1], string]> = [
      [sorted("tags"), "it is sorted by tags, which is a list"],
      [sorted("links"), "it is sorted by links, which is a list"],
      [sorted("year"), "it names year, which is not declared"],
      [{ where: all, fields: ["year"] }, "it names year, which is not declared"],
      [{ where: all, member: "rank" }, "it plucks rank, which holds no texts"],
      [{ where: all, list: "links", member: "level" }, "it plucks level, which holds no texts"],
      [{ where: all, list: "links", member: "title" }, "it names title, which is not declared"],
      [{ where: all, skip: -1 }, "skip and limit are whole numbers from 0"]
    ]
    for (const [asked, expected] of cases) {
      const exit = Effect.runSyncExit(ViewStore.checkAsked("notes", asked, fields))
      assert.isTrue(Exit.hasDies(exit))
      if (Exit.isFailure(exit)) assert.include(Cause.pretty(exit.cause), `asked of notes is wrong: ${expected}`)
    }
    for (const asked of [{ where: all, member: "id" }, { where: all, list: "links", member: "id" }, sorted("title")]) {
      Effect.runSync(ViewStore.checkAsked("notes", asked, fields))
    }
  })
})
