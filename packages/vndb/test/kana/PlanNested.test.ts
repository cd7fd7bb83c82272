import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { parse } from "../../src/kana/FilterParser.ts"
import type { Entity } from "../../src/kana/Filters.ts"
import { listPlan, plan, type Situation } from "../../src/kana/Plan.ts"
import { found, guest, matches, those, type World } from "./world.ts"

describe("Kana 2.3 nested filters", () => {
  const world: World = {
    vn: those("v", { olang: "ja", developers: ["p1"] }, { olang: "en", developers: ["p2"] }, {
      olang: "en",
      developers: []
    }),
    release: those(
      "r",
      {
        vns: [{ id: "v1", rtype: "trial" }, { id: "v2", rtype: "complete" }],
        rtypes: ["complete", "trial"],
        producers: ["p1"],
        patch: false
      },
      { vns: [{ id: "v1", rtype: "complete" }], rtypes: ["complete"], producers: ["p2"], patch: true }
    ),
    character: those(
      "c",
      { vns: [{ id: "v1", role: "main" }, { id: "v2", role: "side" }], roles: ["main", "side"], seiyuu: ["s1.1"] },
      { vns: [{ id: "v2", role: "main" }], roles: ["main"], seiyuu: ["s1.2"] }
    ),
    staff: [
      {
        id: "s1.1",
        fields: {
          num: 1,
          aid: 1,
          ismain: true,
          roles: ["art", "seiyuu"],
          vns: [{ id: "v1", roles: "/art/" }, { id: "v2", roles: "/seiyuu/" }]
        }
      },
      {
        id: "s1.2",
        fields: {
          num: 1,
          aid: 2,
          ismain: false,
          roles: ["art", "scenario"],
          vns: [{ id: "v2", roles: "/art/scenario/" }]
        }
      }
    ],
    producer: those("p", { lang: "ja" }, { lang: "en" }),
    quote: those("q", { vn: "v1", character: "c1" }, { vn: "v2", character: null }, { vn: "v3", character: null })
  }

  it("Kana 2.3 rtype is of the visual novel around it, and of any visual novel elsewhere", () => {
    assert.strictEqual(matches(world, "vn", ["release", "=", ["rtype", "=", "trial"]]), "v1")
    assert.strictEqual(matches(world, "vn", ["release", "!=", ["rtype", "=", "trial"]]), "v2 v3")
    assert.strictEqual(matches(world, "vn", ["release", "=", ["rtype", "=", "complete"]]), "v1 v2")
    assert.strictEqual(matches(world, "vn", ["release", "=", ["rtype", "!=", "complete"]]), "v1")
    assert.strictEqual(
      matches(world, "vn", ["release", "=", ["and", ["rtype", "=", "complete"], ["patch", "!=", 1]]]),
      "v2"
    )
    assert.strictEqual(matches(world, "release", ["rtype", "=", "trial"]), "r1")
    assert.strictEqual(matches(world, "release", ["rtype", "!=", "trial"]), "r2")
    assert.strictEqual(matches(world, "producer", ["id", "=", "p1"]), "p1")
  })

  it("Kana 2.3 the role of a character is of the visual novel around it", () => {
    assert.strictEqual(
      matches(world, "vn", ["character", "=", ["and", ["id", "=", "c1"], ["role", "=", "main"]]]),
      "v1"
    )
    assert.strictEqual(matches(world, "vn", ["character", "=", ["role", "=", "side"]]), "v2")
    assert.strictEqual(matches(world, "character", ["role", "=", "side"]), "c1")
    assert.strictEqual(
      matches(world, "release", ["vn", "=", ["character", "=", ["role", "=", "side"]]]),
      "r1"
    )
  })

  it("Kana 2.3 the role of staff is of the visual novel around it; several = mean all of them there", () => {
    assert.strictEqual(matches(world, "vn", ["staff", "=", ["role", "=", "seiyuu"]]), "v2")
    assert.strictEqual(matches(world, "vn", ["staff", "=", ["and", ["id", "=", "s1"], ["role", "=", "art"]]]), "v1 v2")
    assert.strictEqual(matches(world, "vn", ["staff", "=", ["and", ["aid", "=", 1], ["role", "=", "art"]]]), "v1")
    assert.strictEqual(
      matches(world, "vn", ["staff", "=", ["and", ["role", "=", "art"], ["role", "=", "scenario"]]]),
      "v2"
    )
    assert.strictEqual(matches(world, "vn", ["staff", "=", ["role", "!=", "art"]]), "v2")
    assert.strictEqual(matches(world, "staff", ["role", "=", "scenario"]), "s1.2")
    assert.strictEqual(matches(world, "staff", ["ismain", "!=", 1]), "s1.2")
  })

  it("Kana 2.3 seiyuu of characters do not correlate", () => {
    assert.strictEqual(matches(world, "character", ["seiyuu", "=", ["aid", "=", 1]]), "c1")
    assert.strictEqual(matches(world, "vn", ["character", "=", ["seiyuu", "=", ["role", "=", "scenario"]]]), "v2")
  })

  it("Kana 2.3 developer, producer, vn and character of other entries", () => {
    assert.strictEqual(matches(world, "vn", ["developer", "=", ["lang", "=", "ja"]]), "v1")
    assert.strictEqual(matches(world, "release", ["producer", "!=", ["lang", "=", "ja"]]), "r2")
    assert.strictEqual(matches(world, "release", ["vn", "=", ["olang", "=", "en"]]), "r1")
    assert.strictEqual(matches(world, "character", ["vn", "=", ["olang", "=", "ja"]]), "c1")
    assert.strictEqual(matches(world, "quote", ["vn", "=", ["olang", "=", "ja"]]), "q1")
    assert.strictEqual(matches(world, "quote", ["character", "!=", ["role", "=", "main"]]), "q2 q3")
  })

  it("Kana 2.3 filters nested more than once", () => {
    const filter = ["release", "=", ["and", ["rtype", "=", "complete"], ["producer", "=", ["lang", "=", "en"]]]]
    assert.strictEqual(matches(world, "vn", filter), "v1")
  })

  it("Kana 2.3 a filter for nothing but ids asks nothing", () => {
    const asked = (entity: Entity, filter: unknown) =>
      found(world, entity, plan(entity, Result.getOrThrow(parse(entity, filter)), guest)).asked.length
    assert.strictEqual(asked("release", ["vn", "=", ["or", ["id", "=", "v1"], ["id", "=", "v2"]]]), 0)
    assert.strictEqual(asked("release", ["vn", "=", ["id", "!=", "v1"]]), 1)
    assert.strictEqual(asked("vn", ["release", "=", ["id", "=", "r1"]]), 1)
  })

  it("Kana 2.3 random: the quote that was drawn, or the others", () => {
    assert.strictEqual(matches(world, "quote", ["random", "=", 1], guest, "q1"), "q1")
    assert.strictEqual(matches(world, "quote", ["random", "!=", 1], guest, "q2"), "q1 q3")
  })
})

describe("Kana 2.3 lists of users", () => {
  const row = (
    user: string,
    vn: string,
    labels: ReadonlyArray<number>,
    open: ReadonlyArray<number>,
    hidden: boolean
  ) => ({
    id: `${user}.${vn}`,
    fields: { user, vn, labels, openlabels: open, private: hidden, unlabelled: labels.every((label) => label === 7) }
  })
  const world: World = {
    vn: those("v", { olang: "ja" }, { olang: "ja" }, { olang: "en" }, { olang: "en" }),
    release: those("r", {}, {}),
    ulist: [
      row("u2", "v1", [1, 10], [1], false),
      row("u2", "v2", [10], [], true),
      row("u2", "v3", [7], [7], false),
      row("u3", "v4", [1], [1], false)
    ],
    rlist: [{ id: "u2.r1", fields: { user: "u2", release: "r1", status: 2 } }]
  }
  const owner: Situation = { ...guest, reader: "u2", readsPrivate: true }
  const shy: Situation = { ...owner, readsPrivate: false }

  it("Kana 2.3 label: of any list; private labels match for their owner only", () => {
    assert.strictEqual(matches(world, "vn", ["label", "=", ["u2", 1]]), "v1")
    assert.strictEqual(matches(world, "vn", ["label", "=", ["u2", 10]]), "")
    assert.strictEqual(matches(world, "vn", ["label", "!=", ["u2", 10]]), "v1 v2 v3 v4")
    assert.strictEqual(matches(world, "vn", ["label", "=", ["u2", 7]]), "v3")
    assert.strictEqual(matches(world, "vn", ["label", "=", ["u2", 10]], owner), "v1 v2")
    assert.strictEqual(matches(world, "vn", ["label", "=", 10], owner), "v1 v2")
    assert.strictEqual(matches(world, "vn", ["label", "=", 10], shy), "")
    assert.strictEqual(matches(world, "vn", ["and", ["label", "=", 10], ["label", "=", 1]], owner), "v1")
  })

  it("Kana 2.3 label 0: unlabelled, of the own list only", () => {
    assert.strictEqual(matches(world, "vn", ["label", "=", 0], owner), "v3")
    assert.strictEqual(matches(world, "vn", ["label", "!=", 0], owner), "v1 v2 v4")
    assert.strictEqual(matches(world, "vn", ["label", "=", ["u2", 0]]), "")
    assert.strictEqual(matches(world, "vn", ["label", "!=", ["u2", 0]]), "")
  })

  it("Kana 2.3 on_list and rlist: the reader's", () => {
    assert.strictEqual(matches(world, "vn", ["on_list", "=", 1], owner), "v1 v2 v3")
    assert.strictEqual(matches(world, "vn", ["on_list", "=", 1], shy), "v1 v3")
    assert.strictEqual(matches(world, "vn", ["on_list", "!=", 1], owner), "v4")
    assert.strictEqual(matches(world, "vn", ["on_list", "=", 1]), "")
    assert.strictEqual(matches(world, "vn", ["on_list", "!=", 1]), "v1 v2 v3 v4")
    assert.strictEqual(matches(world, "release", ["rlist", "=", 2], owner), "r1")
    assert.strictEqual(matches(world, "release", ["rlist", "!=", 2], owner), "r2")
    assert.strictEqual(matches(world, "release", ["rlist", "=", 2]), "")
    assert.strictEqual(matches(world, "release", ["rlist", "!=", 2]), "")
  })

  it("Kana 2.1 ulist: the rows of a user that are visible", () => {
    const rows = (situation: Situation) => found(world, "ulist", listPlan("u2", situation)).ids.join(" ")
    assert.strictEqual(rows(guest), "u2.v1 u2.v3")
    assert.strictEqual(rows(owner), "u2.v1 u2.v2 u2.v3")
  })
})
