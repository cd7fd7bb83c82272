import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { Endpoint } from "../../src/kana/Fields.ts"
import { parse } from "../../src/kana/FieldTree.ts"
import { type Page, project } from "../../src/kana/project.ts"

const pages: Readonly<Record<string, Page>> = {
  v1: {
    id: "v1",
    title: "One",
    olang: "ja",
    image: { id: "cv1", url: "u", dims: [1, 2] },
    aliases: ["a"],
    length: null,
    titles: [{ lang: "ja", title: "一" }, { lang: "en", title: "One" }],
    relations: [{ id: "v2", title: "Two", relation: "seq" }, { id: "v9", title: "Gone", relation: "set" }],
    screenshots: [{ id: "sf1", release: { id: "r1", title: "R" } }, { id: "sf2", release: null }],
    va: [{ note: null, staff: { id: "s1", aid: 12, name: "S" }, character: { id: "c1", name: "C" } }]
  },
  v2: {
    id: "v2",
    title: "Two",
    olang: "en",
    image: null,
    relation: "no member of Kana's",
    developers: [{ id: "p1", name: "P" }],
    relations: [{ id: "v1", title: "One", relation: "preq", developers: [{ id: "p1", name: "P" }] }]
  },
  p1: { id: "p1", name: "P", lang: "ja" },
  r1: { id: "r1", title: "R", vns: [{ id: "v1", title: "One", rtype: "complete" }] },
  c1: { id: "c1", name: "C", sex: ["f", "f"], vns: [{ id: "v1", title: "One", role: "main", release: { id: "r1" } }] },
  "s1.12": { id: "s1", aid: 12, name: "S", lang: "ja" }
}

/** The answer for a page, and what was read for it: kinds and ids of each level. */
const answer = (endpoint: Endpoint, id: string, fields: string) => {
  const reads: Array<string> = []
  const tree = Result.getOrThrow(parse(endpoint, fields))
  const results = Effect.runSync(project(endpoint, tree, [pages[id]!], (entity, ids) => {
    reads.push(`${entity} ${ids.join(" ")}`)
    return Effect.succeed(new Map(ids.flatMap((each) => pages[each] === undefined ? [] : [[each, pages[each]]])))
  }))
  return { result: results[0], reads }
}

describe("Kana 2.4 answers", () => {
  it("Kana 2.4 members, objects and lists of objects of a page", () => {
    const { reads, result } = answer("vn", "v1", "title,aliases,length,rating,image{url},titles{lang}")
    const titles = [{ lang: "ja" }, { lang: "en" }]
    const expected = { id: "v1", title: "One", aliases: ["a"], length: null, rating: null, image: { url: "u" }, titles }
    assert.deepStrictEqual(result, expected)
    assert.isEmpty(reads)
    assert.deepStrictEqual(answer("vn", "v2", "image.url").result, { id: "v2", image: null })
  })

  it("Kana 2.4 stubs that hold what is selected are not read", () => {
    const { reads, result } = answer("vn", "v1", "relations{title,relation},screenshots{id,release.title}")
    assert.isEmpty(reads)
    assert.deepStrictEqual(result, {
      id: "v1",
      relations: [{ id: "v2", title: "Two", relation: "seq" }, { id: "v9", title: "Gone", relation: "set" }],
      screenshots: [{ id: "sf1", release: { id: "r1", title: "R" } }, { id: "sf2", release: null }]
    })
  })

  it("Kana 2.4 other pages are read at once; members of the link stay, and what is gone is left out", () => {
    const { reads, result } = answer("vn", "v1", "relations{olang,relation}")
    assert.deepStrictEqual(reads, ["vn v2 v9"])
    assert.deepStrictEqual(result, { id: "v1", relations: [{ id: "v2", olang: "en", relation: "seq" }] })
  })

  it("Kana 2.4 members of the link are those of the stub, whatever the page calls so", () => {
    assert.deepStrictEqual(answer("vn", "v1", "relations{relation,image.url}").result, {
      id: "v1",
      relations: [{ id: "v2", relation: "seq", image: null }]
    })
  })

  it("Kana 2.4 stubs in stubs are looked at by themselves", () => {
    const { reads, result } = answer("vn", "v2", "developers{name,lang},relations{title,developers.lang}")
    assert.deepStrictEqual(reads, ["producer p1"])
    const developers = [{ id: "p1", lang: "ja" }]
    assert.deepStrictEqual(result, {
      id: "v2",
      developers: [{ id: "p1", name: "P", lang: "ja" }],
      relations: [{ id: "v1", title: "One", developers }]
    })
  })

  it("Kana 2.4 level by level, each page once", () => {
    const { reads, result } = answer("vn", "v1", "va{staff.lang,character{sex,vns{role,olang,release.vns.rtype}}}")
    assert.deepStrictEqual(reads, ["staff s1.12", "character c1", "vn v1", "release r1"])
    const release = { id: "r1", vns: [{ id: "v1", rtype: "complete" }] }
    assert.deepStrictEqual(result, {
      id: "v1",
      va: [{
        staff: { id: "s1", lang: "ja" },
        character: { id: "c1", sex: ["f", "f"], vns: [{ id: "v1", role: "main", olang: "ja", release }] }
      }]
    })
  })

  it("Kana 2.4 an entry within itself", () => {
    const { reads, result } = answer("vn", "v2", "relations.relations.relations{title,olang}")
    assert.deepStrictEqual(reads, ["vn v1", "vn v2 v9"])
    const inner = [{ id: "v2", relations: [{ id: "v1", title: "One", olang: "ja" }] }]
    assert.deepStrictEqual(result, { id: "v2", relations: [{ id: "v1", relations: inner }] })
  })
})
