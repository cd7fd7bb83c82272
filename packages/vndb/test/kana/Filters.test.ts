import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { compact, normal } from "../../src/kana/FilterForms.ts"
import { parse } from "../../src/kana/FilterParser.ts"
import { type Entity, filters } from "../../src/kana/Filters.ts"
import vectors from "./compactFilters.json" with { type: "json" }
import { filtersFrom } from "./randomFilters.ts"

const read = (entity: Entity, input: unknown, user?: unknown) => Result.getOrThrow(parse(entity, input, user))
const refusal = (entity: Entity, input: unknown) => Result.getOrThrow(Result.flip(parse(entity, input))).text
const normalOf = (entity: Entity, input: unknown, user?: unknown) => normal(read(entity, input, user))
/** The value in the normal form. */
const valueOf = (entity: Entity, name: string, value: unknown, user?: unknown) => {
  const [, , found] = normalOf(entity, [name, "=", value], user) as ReadonlyArray<unknown>
  return found
}
const invalid = (entity: Entity, name: string, ...values: ReadonlyArray<unknown>) => {
  for (const value of values) {
    assert.strictEqual(refusal(entity, [name, "=", value]), `Invalid '${name}' filter: Invalid value.`, String(value))
  }
}

// Names and numbers of all filters; ° accepts ordering.
const table: Readonly<Record<Entity, string>> = {
  vn:
    "id=80° search=81 lang=2 olang=3 platform=4 length=5 released=7° popularity=9° rating=10° votecount=11° has_description=61 has_anime=62 has_screenshot=63 has_review=64 on_list=65 devstatus=66 tag=8 dtag=14 label=12 anime_id=13 release=50 character=51 staff=52 developer=55 developer_id=6",
  release:
    "id=80° search=81 lang=2 platform=4 released=7° resolution=8° resolution_aspect=9° minage=10° medium=11 voiced=12 animation_ero=13 animation_story=14 ani_story_sp=70 ani_story_cg=71 ani_cutscene=72 ani_ero_sp=73 ani_ero_cg=74 ani_bg=75 ani_face=76 engine=15 rtype=16 rlist=18 extlink=19 drm=20 image=67 patch=61 freeware=62 uncensored=64 official=65 has_ero=66 vn=53 producer=55 developer_id=6 producer_id=17 doujin=63",
  character:
    "id=80° search=81 role=2 blood_type=3 sex=4 sex_spoil=5 gender=16 gender_spoil=17 height=6° weight=7° bust=8° waist=9° hips=10° cup=11° age=12° trait=13 dtrait=15 birthday=14 seiyuu=52 vn=53",
  staff: "lang=2 id=3° gender=4 role=5 extlink=6 type=7 ismain=61 search=80 aid=81",
  producer: "lang=2 id=3° type=4 extlink=5 search=80",
  tag: "id=2° category=3 search=80",
  trait: "id=2° search=80",
  quote: "id=2° vn=53 character=54 random=81"
}
const entities = Object.keys(table) as ReadonlyArray<Entity>

describe("Kana 2.3 filters", () => {
  it("Kana 2.3 every entity has its filters, with their numbers and those that may be ordered", () => {
    for (const entity of entities) {
      const found = Object.entries(filters[entity]).map(([name, { code, ordered }]) =>
        `${name}=${code}${ordered ? "°" : ""}`
      )
      assert.strictEqual(found.join(" "), table[entity])
    }
  })

  it("Kana 2.3 only ordered filters accept >=, >, <= and <", () => {
    for (const entity of entities) {
      for (const [name, { ordered }] of Object.entries(filters[entity])) {
        for (const op of [">=", ">", "<=", "<"]) {
          const text = Result.match(parse(entity, [name, op, "?"]), {
            onSuccess: () => "",
            onFailure: (error) => error.text
          })
          assert.strictEqual(text, `Invalid '${name}' filter: Invalid ${ordered ? "value" : "operator"}.`)
        }
      }
    }
  })

  it("Kana 2.5 what is wrong with a filter is said in VNDB's words", () => {
    assert.strictEqual(refusal("vn", ["nope", "=", 1]), "Invalid 'nope' filter: Unknown field.")
    assert.strictEqual(refusal("vn", [99, "=", 1]), "Invalid '99' filter: Unknown field.")
    assert.strictEqual(refusal("vn", ["constructor", "=", 1]), "Invalid 'constructor' filter: Unknown field.")
    assert.strictEqual(refusal("vn", ["lang", "=", "xx"]), "Invalid 'lang' filter: Invalid value.")
    assert.strictEqual(refusal("vn", ["lang", "~", "en"]), "Invalid 'lang' filter: Invalid operator.")
    assert.strictEqual(refusal("vn", ["lang", "=", "en", 1]), "Invalid 'filters' member: Invalid predicate")
    assert.strictEqual(refusal("vn", ["lang", 1, "en"]), "Invalid 'filters' member: Invalid predicate")
    assert.strictEqual(refusal("vn", ["and"]), "Invalid 'filters' member: Invalid query")
    assert.strictEqual(refusal("vn", { lang: "en" }), "Invalid 'filters' member: Invalid query")
    assert.strictEqual(refusal("vn", ["and", "lang"]), "Invalid 'filters' member: Invalid query")
    assert.strictEqual(refusal("vn", "[\"lang\""), "Invalid 'filters' member: Invalid JSON")
    assert.strictEqual(refusal("vn", "Nv"), "Invalid 'filters' member: Invalid compact encoded form")
    assert.strictEqual(refusal("vn", "Nv0h0"), "Invalid 'filters' member: Trailing garbage")
    assert.strictEqual(
      refusal("vn", ["release", "=", ["lang", "=", "xx"]]),
      "Invalid 'lang' filter: Invalid value."
    )
  })

  it("Kana 2.3 at most 1000 predicates, and 20 levels", () => {
    const many = (count: number) => ["and", ...Array.from({ length: count }, () => ["olang", "=", "ja"])]
    const deep = (depth: number): ReadonlyArray<unknown> =>
      depth === 0 ? ["olang", "=", "ja"] : ["and", deep(depth - 1)]
    assert.isTrue(Result.isSuccess(parse("vn", many(1000))))
    assert.strictEqual(refusal("vn", many(1001)), "Invalid 'filters' member: Too many predicates")
    assert.isTrue(Result.isSuccess(parse("vn", deep(20))))
    assert.strictEqual(refusal("vn", deep(21)), "Invalid 'filters' member: Too many levels")
    assert.strictEqual(
      refusal("vn", "01".repeat(50_000)),
      "Invalid 'filters' member: Invalid compact encoded form"
    )
  })

  it("Kana 2.3 no filter: nothing, an empty list, an empty text, an empty list as text", () => {
    for (const input of [undefined, null, [], "", "[]"]) {
      assert.isNull(read("vn", input))
      assert.isNull(normalOf("vn", input))
      assert.strictEqual(compact("vn", read("vn", input)), "")
    }
  })

  it("Kana 2.3 a nested filter accepts = and !=, and names of the other entity", () => {
    assert.deepStrictEqual(normalOf("vn", ["release", "!=", ["patch", "=", 1]]), ["release", "!=", ["patch", "=", 1]])
    assert.strictEqual(
      refusal("vn", ["release", ">", ["patch", "=", 1]]),
      "Invalid 'release' filter: Invalid operator."
    )
    assert.strictEqual(refusal("vn", ["release", "=", ["olang", "=", "ja"]]), "Invalid 'olang' filter: Unknown field.")
    assert.strictEqual(refusal("vn", ["release", "=", "r1"]), "Invalid 'filters' member: Invalid query")
  })

  it("Kana 2.3 names may be given by their numbers", () => {
    assert.deepStrictEqual(
      normalOf("vn", [0, [1, [2, "=", "en"], ["2", "=", "de"]], [50, "=", [7, ">=", 20200101]]]),
      ["and", ["or", ["lang", "=", "en"], ["lang", "=", "de"]], ["release", "=", ["released", ">=", 20200101]]]
    )
  })
})

describe("Kana 2.3 forms", () => {
  const all = [...vectors.upstream, ...vectors.derived, ...vectors.in_the_wild]

  it("Kana 2.3 compact form: every vector, both ways, and JSON as text", () => {
    for (const { compact: text, endpoint, json } of all) {
      const entity = endpoint as Entity
      const filter = read(entity, json)
      assert.strictEqual(compact(entity, filter), text)
      assert.deepStrictEqual(read(entity, text), filter)
      assert.deepStrictEqual(read(entity, JSON.stringify(json)), filter)
    }
  })

  it("Kana 2.3 a filter survives its compact and its normal form", () => {
    const next = filtersFrom(7)
    for (let at = 0; at < 3000; at++) {
      const entity = entities[at % entities.length]!
      const filter = read(entity, next(entity))
      assert.deepStrictEqual(read(entity, compact(entity, filter)), filter)
      assert.deepStrictEqual(read(entity, normal(filter)), filter)
      assert.deepStrictEqual(read(entity, JSON.stringify(normal(filter))), filter)
    }
  })

  it("Kana 2.3 compact form: numbers at the ends of each length, and texts of any characters", () => {
    const ends = [0, 48, 49, 688, 689, 4784, 4785, 266_928, 266_929, 17_044_144, 17_044_145, 2 ** 30]
    for (const count of ends) {
      const text = compact("vn", read("vn", ["votecount", "=", count]))
      assert.strictEqual(text.length - 2, [48, 688, 4784, 266_928, 17_044_144].filter((end) => count > end).length + 1)
      assert.strictEqual(valueOf("vn", "votecount", count), count)
      assert.deepStrictEqual(normalOf("vn", text), ["votecount", "=", count])
    }
    for (const word of ["", "a", "ab", "a!", "-", "_", "日本", "😀😀", "😀", "a_b c-d~\\", "\"two words\""]) {
      assert.deepStrictEqual(normalOf("vn", compact("vn", read("vn", ["search", "=", word]))), ["search", "=", word])
    }
  })

  it("Kana 2.3 compact form: what is cut short or holds an unknown character is refused", () => {
    for (const text of ["03", "3", "3g", "3gj", "Nww", "Nwwabc", "8EU", "5_", "0?", "Nww_-", "3g_", "n0"]) {
      assert.isTrue(Result.isFailure(parse("vn", text)), text)
    }
  })
})

describe("Kana 2.3 values", () => {
  it("Kana 2.3 id: bare integers where the prefix is clear", () => {
    for (const value of ["v17", "17", 17]) assert.strictEqual(valueOf("vn", "id", value), "v17")
    assert.strictEqual(valueOf("release", "id", 5), "r5")
    invalid("vn", "id", "r17", "v0", 0, "v01", "v12345678", -1, 1.5, "", null, ["v17"], true, "V17")
  })

  it("Kana 2.3 released: dates, partial dates, TBA, unknown and today", () => {
    const dates: ReadonlyArray<readonly [unknown, number]> = [
      ["2022-01-31", 20220131],
      ["2022-01", 20220199],
      ["2022", 20229999],
      ["TBA", 99999999],
      ["tba", 99999999],
      ["unknown", 0],
      [null, 0],
      ["", 0],
      ["today", 1],
      ["Today", 1],
      [1, 1],
      [20220131, 20220131],
      [20220199, 20220199],
      ["2020-02-29", 20200229],
      ["9999", 99999999]
    ]
    for (const [value, stored] of dates) assert.strictEqual(valueOf("vn", "released", value), stored)
    invalid("vn", "released", "2022-02-30", "2021-02-29", "2022-13", "2022-00", "1979", "2101", "20", 2, "x", [2022])
  })

  it("Kana 2.3 tag and dtag: id or [id, spoiler, level, no lies], or all in one number", () => {
    for (const name of ["tag", "dtag"]) {
      for (const value of ["g505", 505, ["g505", 0], ["g505", 0, 0], [505, "0", "0", 0]]) {
        assert.deepStrictEqual(valueOf("vn", name, value), ["g505", 0, 0])
      }
      assert.deepStrictEqual(valueOf("vn", name, ["g505", 2, 1.2]), ["g505", 2, 1.2])
      assert.deepStrictEqual(valueOf("vn", name, ["g505", 2, 3, 1]), ["g505", 2, 3, 1])
      assert.deepStrictEqual(valueOf("vn", name, ["g505", 20]), ["g505", 2, 1.2])
      assert.deepStrictEqual(valueOf("vn", name, ["g505", 48]), ["g505", 0, 0, 1])
      invalid("vn", name, "i5", ["g5"], ["g5", 3, 0], ["g5", 0, 3.1], ["g5", 0, -1], ["g5", 0, 0, 2], [], null)
      invalid("vn", name, ["g5", 0, 0, 0, 0], ["g5", null, {}], ["g5", 1.5])
    }
  })

  it("Kana 2.3 tag: every level in steps of 0.2 survives the compact form", () => {
    for (let step = 0; step <= 15; step++) {
      const filter = read("vn", ["tag", "=", ["g1", 1, step / 5]])
      assert.deepStrictEqual(read("vn", compact("vn", filter)), filter)
    }
  })

  it("Kana 2.3 trait and dtrait: id or [id, spoiler, no lies]", () => {
    for (const name of ["trait", "dtrait"]) {
      for (const value of ["i112", 112, ["i112", 0]]) {
        assert.deepStrictEqual(valueOf("character", name, value), ["i112", 0])
      }
      assert.deepStrictEqual(valueOf("character", name, ["i112", 2]), ["i112", 2])
      assert.deepStrictEqual(valueOf("character", name, ["i112", 1, 1]), ["i112", 1, 1])
      assert.deepStrictEqual(valueOf("character", name, ["i112", 4]), ["i112", 1, 1])
      assert.deepStrictEqual(valueOf("character", name, ["i112", 0, 1]), ["i112", 2, 1])
      invalid("character", name, "g1", ["i1"], ["i1", 3, 0], ["i1", 0, 2], ["i1", 0, 0, 0], ["i1", null, 1, 1], {})
    }
  })

  it("Kana 2.3 label: [user, label], or a label of the request's user", () => {
    assert.deepStrictEqual(valueOf("vn", "label", ["u2", 7]), ["u2", 7])
    assert.deepStrictEqual(valueOf("vn", "label", [2, "7"]), ["u2", 7])
    assert.deepStrictEqual(valueOf("vn", "label", 0, "u5"), ["u5", 0])
    invalid("vn", "label", 7, ["u2"], ["u2", -1], ["v2", 1], ["u2", 1_000_000], ["u2", null, 1])
  })

  it("Kana 2.3 filters of one bit accept the integer 1 only", () => {
    const bits: ReadonlyArray<readonly [Entity, string]> = [
      ...["has_description", "has_anime", "has_screenshot", "has_review", "on_list"].map((name) =>
        ["vn", name] as const
      ),
      ...["patch", "freeware", "uncensored", "official", "has_ero", "doujin"].map((name) => ["release", name] as const),
      ["staff", "ismain"],
      ["quote", "random"]
    ]
    for (const [entity, name] of bits) {
      assert.strictEqual(valueOf(entity, name, 1), 1)
      invalid(entity, name, 0, 2, true, null, "", [1])
    }
  })

  it("Kana 2.3 null is unknown, where unknown can be asked for", () => {
    for (
      const name of ["platform", "minage", "medium", "image", "ani_story_sp", "ani_cutscene", "ani_bg", "ani_face"]
    ) {
      assert.isNull(valueOf("release", name, null))
      assert.isNull(valueOf("release", name, ""))
    }
    for (const name of ["height", "weight", "bust", "waist", "hips", "age", "cup"]) {
      assert.isNull(valueOf("character", name, null))
    }
    assert.strictEqual(valueOf("release", "voiced", null), 0)
    assert.strictEqual(valueOf("release", "engine", null), "")
    assert.strictEqual(valueOf("release", "drm", null), "")
    assert.deepStrictEqual(valueOf("character", "birthday", null), [0, 0])
    for (const name of ["sex", "sex_spoil", "gender", "gender_spoil"]) {
      assert.strictEqual(valueOf("character", name, null), "")
      assert.strictEqual(valueOf("character", name, "unknown"), "")
    }
    assert.strictEqual(valueOf("staff", "gender", "unknown"), "")
    invalid("vn", "platform", null, "")
    invalid("vn", "rating", null)
    invalid("release", "animation_story", null)
  })

  it("Kana 2.3 numbers keep to their ranges", () => {
    assert.strictEqual(valueOf("vn", "rating", "85"), 85)
    invalid("vn", "rating", 9, 101, 50.5, "085", "")
    invalid("vn", "popularity", -1, 101)
    invalid("vn", "votecount", 2 ** 30 + 1)
    invalid("vn", "length", 6, -1)
    invalid("vn", "devstatus", 3)
    invalid("release", "minage", 1, 5, 19)
    invalid("character", "height", 32_768)
    invalid("staff", "aid", 2 ** 26)
  })

  it("Kana 2.3 resolution and birthday: two whole numbers", () => {
    for (const name of ["resolution", "resolution_aspect"]) {
      assert.deepStrictEqual(valueOf("release", name, ["640", 480]), [640, 480])
      invalid("release", name, null, [640], [640, 480, 1], "640x480", [640, -1], [32_768, 1], [null, 1])
    }
    assert.deepStrictEqual(valueOf("character", "birthday", [2, 0]), [2, 0])
    invalid("character", "birthday", [1, 32], [1], 101)
  })

  it("Kana 2.3 extlink: a site, [site, value], \"site,value\", or an address", () => {
    assert.strictEqual(valueOf("release", "extlink", "steam"), "steam")
    for (const value of [["steam", 702050], ["steam", "702050"], "steam,702050"]) {
      assert.deepStrictEqual(valueOf("release", "extlink", value), ["steam", "702050"])
    }
    const addresses: ReadonlyArray<readonly [string, string, string]> = [
      ["https://store.steampowered.com/app/702050/", "steam", "702050"],
      ["http://store.steampowered.com/app/0702050/Saya/?l=english#x", "steam", "702050"],
      ["https://somebody.itch.io/something", "itch", "somebody/something"],
      ["https://somebody.itch.io/", "itch_dev", "somebody"],
      ["https://www.patreon.com/posts/123", "patreonp", "123"],
      ["https://patreon.com/somebody", "patreon", "somebody"],
      ["https://www.digiket.com/work/show/_data/ID=ITM0012345/", "digiket", "12345"],
      ["https://www.dlsite.com/maniax/work/=/product_id/RJ123456.html", "dlsite", "RJ123456"],
      ["https://www.dmm.co.jp/x/y?z", "dmm", "www.dmm.co.jp/x/y"]
    ]
    for (const [url, site, value] of addresses) {
      assert.deepStrictEqual(valueOf("release", "extlink", url), [site, value])
    }
    assert.strictEqual(valueOf("staff", "extlink", "website"), "website")
    invalid("release", "extlink", "nosite", ["nosite", 1], "nosite,1", "https://example.org/", ["steam"], null, [
      "steam",
      null
    ])
  })
})
