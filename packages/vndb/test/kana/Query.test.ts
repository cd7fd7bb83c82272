import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { Endpoint } from "../../src/kana/Fields.ts"
import * as FieldTree from "../../src/kana/FieldTree.ts"
import * as Query from "../../src/kana/Query.ts"
import { schema, type SchemaFields } from "../../src/kana/Schema.ts"
import { sortFields, sortNames } from "../../src/kana/Sorts.ts"

/** What was captured of VNDB's `GET /schema` in June 2025: members within braces, by name. */
const captured: Readonly<Record<string, string>> = {
  "/character":
    "age aliases birthday blood_type bust cup description gender height hips id image{dims id sexual url violence votecount} name original sex traits{_inherit=/trait lie spoiler} vns{_inherit=/vn release{_inherit=/release} role spoiler} waist weight",
  "/producer": "aliases description extlinks{id label name url} id lang name original type",
  "/quote": "character{_inherit=/character} id quote score vn{_inherit=/vn}",
  "/release":
    "alttitle catalog engine extlinks{id label name url} freeware gtin has_ero id images{dims id languages photo sexual thumbnail thumbnail_dims type url violence vn votecount} languages{lang latin main mtl title} media{medium qty} minage notes official patch platforms producers{_inherit=/producer developer publisher} released resolution title uncensored vns{_inherit=/vn rtype} voiced",
  "/staff":
    "aid aliases{aid ismain latin name} description extlinks{id label name url} gender id ismain lang name original",
  "/tag": "aliases applicable category description id name searchable vn_count",
  "/trait": "aliases applicable char_count description group_id group_name id name searchable sexual",
  "/ulist":
    "added finished id labels{id label} lastmod notes releases{_inherit=/release list_status} started vn{_inherit=/vn} vote voted",
  "/vn":
    "aliases alttitle average description developers{_inherit=/producer} devstatus editions{eid lang name official} extlinks{id label name url} id image{dims id sexual thumbnail thumbnail_dims url violence votecount} languages length length_minutes length_votes olang platforms popularity rating relations{_inherit=/vn relation relation_official} released screenshots{dims id release{_inherit=/release} sexual thumbnail thumbnail_dims url violence votecount} staff{_inherit=/staff eid note role} tags{_inherit=/tag lie rating spoiler} title titles{lang latin main official title} va{character{_inherit=/character} note staff{_inherit=/staff}} votecount"
}

const flat = (fields: SchemaFields): string =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) =>
      value === null ? name : typeof value === "string" ? `${name}=${value}` : `${name}{${flat(value)}}`
    )
    .join(" ")

const selected = (text: string, endpoint: Endpoint = "vn") => Result.getOrThrow(FieldTree.parse(endpoint, text))
const problem = (text: string) => Result.getOrThrow(Result.flip(FieldTree.parse("vn", text))).text
const query = (body: unknown, endpoint: Endpoint = "vn", reader: string | null = null) =>
  Result.getOrThrow(Query.parse(endpoint, body, reader))
const refusal = (body: unknown, endpoint: Endpoint = "vn", reader: string | null = null) => {
  const error = Result.getOrThrow(Result.flip(Query.parse(endpoint, body, reader)))
  assert.strictEqual(error.status, 400)
  return error.text
}

describe("Kana 2.1 schema", () => {
  it("Kana 2.1 schema: members of all endpoints as captured", () => {
    const found = Object.entries(schema.api_fields).map(([path, each]) => [path, flat(each as SchemaFields)])
    assert.deepStrictEqual(Object.fromEntries(found), captured)
  })

  it("Kana 2.1 schema: enumerations, with the languages added since", () => {
    const ids = (name: string) => schema.enums[name]!.map(({ id }) => id)
    assert.strictEqual(ids("language").length, 57)
    assert.deepStrictEqual(ids("language").slice(3, 6), ["bg", "bs", "ca"])
    assert.strictEqual(ids("platform").length, 48)
    assert.strictEqual(ids("medium").join(" "), "blr mrt cas cd dc dvd flp gdr in mem nod umd otc")
    assert.deepStrictEqual(schema.enums["medium"]![4], { id: "dc", label: "Download card", plural: null })
    assert.strictEqual(
      ids("staff_role").join(" "),
      "scenario director chardesign art music songs translator editor qa staff"
    )
  })

  it("Kana 2.1 schema: sites of releases, staff and producers", () => {
    const steam = { name: "steam", label: "Steam", url_format: "https://store.steampowered.com/app/%d/" }
    assert.deepInclude([...schema.extlinks["/release"]!], steam)
    assert.notDeepInclude([...schema.extlinks["/staff"]!], steam)
    assert.deepStrictEqual(schema.extlinks["/vn"]!.map(({ name }) => name), ["renai", "wikidata"])
    assert.deepStrictEqual(Object.keys(schema.extlinks), ["/vn", "/release", "/staff", "/producer"])
  })
})

describe("Kana 2.4 fields", () => {
  it("Kana 2.4 commas, dots, braces and white space", () => {
    const image = { url: {}, dims: {} }
    for (
      const text of [
        "title, image{url,dims}, tags.name",
        "title,image.url,image.dims,tags{name}",
        "  title , image { url , dims } ,\n tags . name ",
        "{title,image{{url},dims}},tags.name,",
        "tags.name,image{dims},image.url,title,title"
      ]
    ) {
      assert.deepStrictEqual(selected(text), { id: {}, title: {}, image, tags: { id: {}, name: {} } }, text)
    }
    assert.deepStrictEqual(selected(""), { id: {} })
  })

  it("Kana 2.4 id is there for entities, and for other objects when it is asked for", () => {
    assert.deepStrictEqual(selected("va.character.vns.release.title,image.url,editions.eid,developers.id"), {
      id: {},
      va: { character: { id: {}, vns: { id: {}, release: { id: {}, title: {} } } } },
      image: { url: {} },
      editions: { eid: {} },
      developers: { id: {} }
    })
  })

  it("Kana 2.4 members of other endpoints, without end", () => {
    assert.deepStrictEqual(selected("relations.relations.relation,relations.title"), {
      id: {},
      relations: { id: {}, relations: { id: {}, relation: {} }, title: {} }
    })
    assert.deepStrictEqual(selected("releases{list_status,vns.rtype},vn.tags.rating", "ulist"), {
      id: {},
      releases: { id: {}, list_status: {}, vns: { id: {}, rtype: {} } },
      vn: { id: {}, tags: { id: {}, rating: {} } }
    })
  })

  it("Kana 2.5 what is wrong with fields is said in VNDB's words", () => {
    const problems: ReadonlyArray<readonly [string, string]> = [
      ["nope", "Field 'nope' not found"],
      ["toString", "Field 'toString' not found"],
      ["*", "Field '*' not found"],
      ["title alttitle", "Field 'title alttitle' not found"],
      ["image..url", "Field '' not found"],
      ["image", "The 'image' object requires specifying sub-field(s)."],
      ["image,title", "The 'image' object requires specifying sub-field(s)."],
      ["va{character}", "The 'character' object requires specifying sub-field(s)."],
      ["title.x", "Sub-field specified for non-object 'title'"],
      ["title{x}", "Unexpected '{' after non-object field 'title'"],
      ["image{url}{dims}", "Unexpected '{' after non-object field"],
      ["image{url}title", "Unexpected (sub)field after non-object field"],
      ["title}", "Unmatched '}'"],
      ["image{url", "Unmatched '{'"],
      ["image{}", "Expected (sub)field, got '}'"],
      ["title,,id", "Expected (sub)field, got comma"],
      ["image.", "Expected name after '.'"],
      ["{".repeat(100_000), "Too many levels"],
      [`${"relations.".repeat(100_000)}title`, "Too many levels"]
    ]
    for (const [text, expected] of problems) {
      assert.strictEqual(problem(text), `Invalid 'fields' member: ${expected}`)
      assert.strictEqual(refusal({ fields: text }), `Invalid 'fields' member: ${expected}`)
    }
  })

  it("Kana 2.4 cost: members, ids, what there is of each, and results", () => {
    const costs: ReadonlyArray<readonly [string, number]> = [
      ["", 1],
      ["id,title", 2],
      ["image.url", 1 + 1 + 2],
      ["titles.lang", 1 + 1 + 3],
      ["screenshots.url", 1 + 1 + 10 * 2],
      ["relations.title", 1 + 1 + 3 * 2],
      ["tags.name", 1 + 1 + 50 * 2],
      ["developers.name", 1 + 1 + 2 * 2],
      ["editions.name", 1 + 1 + 3],
      ["staff.role", 1 + 1 + 20 * 2],
      ["va.note", 1 + 1 + 10],
      ["va.character.traits.name", 1 + 1 + 10 * (1 + (1 + 1 + 30 * 2))],
      ["extlinks.url", 1 + 1 + 2]
    ]
    for (const [text, expected] of costs) assert.strictEqual(FieldTree.cost("vn", selected(text), 1), expected, text)
    const of = (endpoint: Endpoint, text: string) => FieldTree.cost(endpoint, selected(text, endpoint), 1)
    for (const name of ["languages.lang", "media.qty"]) assert.strictEqual(of("release", name), 2 + 3)
    for (const name of ["vns.title", "producers.name", "images.url"]) assert.strictEqual(of("release", name), 2 + 6)
    assert.strictEqual(of("staff", "aliases.name"), 2 + 3)
    assert.strictEqual(of("character", "traits.name"), 2 + 60)
    assert.strictEqual(of("ulist", "labels.label"), 2 + 6)
  })

  it("Kana 2.4 too much data is refused", () => {
    const fields = "tags{name,rating,spoiler,lie,aliases},titles.lang,editions{eid,name},extlinks{url,name},"
      + "staff{role,note,name,lang,gender,description,original,aid,eid,ismain,aliases{name,aid,latin}},"
      + "screenshots{url,dims,sexual,violence,votecount},va.character.traits.name"
    const each = FieldTree.cost("vn", selected(fields), 1)
    const most = Math.floor(100_000 / each)
    assert.isBelow(most, 100)
    assert.strictEqual(query({ fields, results: most }).results, most)
    const estimated = each * (most + 1)
    assert.strictEqual(
      refusal({ fields, results: most + 1 }),
      `Too much data selected (estimated ${estimated} fields)`
    )
  })
})

describe("Kana 2.2 request", () => {
  it("Kana 2.2 all members are optional", () => {
    assert.deepStrictEqual(query({}), {
      endpoint: "vn",
      filter: null,
      fields: { id: {} },
      sort: "id",
      rankedBy: null,
      reverse: false,
      results: 10,
      page: 1,
      user: null,
      compactFilters: false,
      count: false,
      normalizedFilters: false,
      time: false
    })
  })

  it("Kana 2.2 null and empty text are missing", () => {
    const nothing = "filters fields sort reverse results page user count compact_filters normalized_filters time".split(
      " "
    )
    for (const empty of [null, ""]) {
      assert.deepStrictEqual(query(Object.fromEntries(nothing.map((name) => [name, empty]))), query({}))
    }
  })

  it("Kana 2.2 unknown members are an error", () => {
    assert.strictEqual(refusal({ limit: 1 }), "Unknown member 'limit'.")
    assert.strictEqual(refusal({ Fields: "", filters: ["x"] }), "Unknown member 'Fields'.")
    assert.strictEqual(refusal(JSON.parse("{\"__proto__\":1}")), "Unknown member '__proto__'.")
  })

  it("Kana 2.2 results 0-100, page 1-1,000,000, also as text", () => {
    assert.strictEqual(query({ results: 0 }).results, 0)
    assert.strictEqual(query({ results: "100", page: 1_000_000 }).results, 100)
    for (const results of [-1, 101, 1.5, "x", true, [1]]) {
      assert.strictEqual(refusal({ results }), "Invalid 'results' member.")
    }
    for (const page of [0, 1_000_001]) assert.strictEqual(refusal({ page }), "Invalid 'page' member.")
  })

  it("Kana 2.2 reverse, count, compact_filters, normalized_filters and time are booleans", () => {
    for (const name of ["reverse", "count", "compact_filters", "normalized_filters", "time"]) {
      assert.strictEqual(refusal({ [name]: "yes" }), `Invalid '${name}' member.`)
    }
    const all = query({ reverse: true, count: true, compact_filters: true, normalized_filters: true, time: true })
    assert.isTrue(all.reverse && all.count && all.compactFilters && all.normalizedFilters && all.time)
  })

  it("Kana 2.2 user: the request's, or that of the token, also for labels", () => {
    assert.strictEqual(query({ user: 5 }, "vn", "u2").user, "u5")
    assert.strictEqual(query({}, "vn", "u2").user, "u2")
    assert.strictEqual(refusal({ user: "v5" }), "Invalid 'user' member.")
    const labelOf = (body: object) => query({ filters: ["label", "=", 7], ...body }, "vn", "u2").filter
    assert.deepInclude(labelOf({ user: "u5" }), { value: { user: "u5", label: 7 } })
    assert.deepInclude(labelOf({}), { value: { user: "u2", label: 7 } })
  })

  it("Kana 2.1 ulist needs a user", () => {
    assert.strictEqual(refusal({}, "ulist"), "Missing \"user\" parameter and not authenticated.")
    assert.strictEqual(query({}, "ulist", "u2").user, "u2")
    assert.strictEqual(query({ user: "u5", filters: ["lang", "=", "ja"] }, "ulist").user, "u5")
  })

  it("Kana 2.5 a body that is no object", () => {
    for (const body of [null, [], "x", 1]) assert.strictEqual(refusal(body), "Invalid query.")
    assert.deepStrictEqual(Result.getOrThrow(Result.flip(Query.fromJson("vn", "{", null))).text, "Invalid query.")
    assert.strictEqual(Result.getOrThrow(Query.fromJson("vn", "{\"results\":3}", null)).results, 3)
    assert.strictEqual(refusal({ fields: ["id"] }), "Invalid 'fields' member.")
  })

  it("Kana 2.4 sorts of every endpoint; the first is the default", () => {
    const expected: Readonly<Record<Endpoint, string>> = {
      vn: "id title released rating votecount popularity searchrank",
      release: "id title released searchrank",
      producer: "id name searchrank",
      character: "id name searchrank",
      staff: "id name searchrank",
      tag: "id name vn_count searchrank",
      trait: "id name char_count searchrank",
      quote: "id score",
      ulist: "id title released rating votecount popularity voted vote added lastmod started finished searchrank"
    }
    for (const endpoint of Object.keys(expected) as ReadonlyArray<Endpoint>) {
      assert.strictEqual(sortNames(endpoint).join(" "), expected[endpoint])
      assert.strictEqual(query({}, endpoint, "u1").sort, "id")
      assert.strictEqual(refusal({ sort: "nope" }, endpoint, "u1"), "Invalid 'sort' member.")
    }
  })

  it("Kana 2.4 sort: ties end in id, and unrated entries come last both ways", () => {
    const keys = (endpoint: Endpoint, sort: string, reverse: boolean) =>
      sortFields(endpoint, sort, reverse).map(({ descending, field }) => `${field}${descending ? "-" : ""}`).join(" ")
    assert.strictEqual(keys("vn", "id", true), "num-")
    assert.strictEqual(keys("vn", "title", true), "title- num")
    assert.strictEqual(keys("vn", "rating", false), "ratingup num")
    assert.strictEqual(keys("vn", "rating", true), "rating- num")
    assert.strictEqual(keys("staff", "name", false), "name num aid")
    assert.strictEqual(keys("staff", "id", true), "num- aid")
    assert.strictEqual(keys("tag", "vn_count", true), "items- num")
  })

  it("Kana 2.5 searchrank needs one search at the top", () => {
    const search = ["search", "=", "ever 17"]
    const ranked = (filters: unknown) => query({ sort: "searchrank", filters }).rankedBy
    assert.deepStrictEqual(ranked(search), ["ever", "17"])
    assert.deepStrictEqual(ranked(["and", search, ["lang", "=", "en"], ["or", search, search]]), ["ever", "17"])
    assert.isNull(query({ filters: search }).rankedBy)
    for (
      const filters of [
        [],
        ["lang", "=", "en"],
        ["or", search, ["lang", "=", "en"]],
        ["and", search, search],
        ["search", "!=", "x"],
        ["search", "=", "..."],
        ["release", "=", search]
      ]
    ) {
      assert.strictEqual(
        refusal({ sort: "searchrank", filters }),
        "\"searchrank\" sort is only available when the top-level filter is \"search\", or an \"and\" with at most one \"search\"."
      )
    }
  })
})
