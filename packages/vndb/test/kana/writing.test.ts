import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { Endpoint } from "../../src/kana/Fields.ts"
import { parse } from "../../src/kana/FieldTree.ts"
import { written } from "../../src/kana/internal/writing.ts"
import type { Page } from "../../src/kana/project.ts"

const utf8 = new TextDecoder()

/** Writes documents of pages, whose entity tags are versions; says what was parsed for it, and read. */
const world = () => {
  const kept = new Map<string, Uint8Array>()
  const others: Record<string, Page> = {}
  const parsed: Array<string> = []
  const store = {
    written: kept as never,
    pageOf: ({ bytes, etag }: { readonly bytes: Uint8Array; readonly etag: string }) => {
      parsed.push(etag)
      return JSON.parse(utf8.decode(bytes)) as Page
    }
  }
  const read = (_: Endpoint, ids: ReadonlyArray<string>) =>
    Effect.sync(() => new Map(ids.flatMap((id) => others[id] === undefined ? [] : [[id, others[id]]])))
  const write = (text: string, ...pages: ReadonlyArray<readonly [version: string, page: Page]>) => {
    parsed.length = 0
    const fields = Result.getOrThrow(parse("vn", text))
    const documents = pages.map(([etag, page]) => ({ etag, bytes: new TextEncoder().encode(JSON.stringify(page)) }))
    const texts = Effect.runSync(written({ endpoint: "vn", fields, read, store }, documents))
    return { results: texts.map((each) => JSON.parse(utf8.decode(each)) as unknown), parsed: [...parsed] }
  }
  return { others, write }
}

describe("Kana 2.4 answers that were written before", () => {
  it("Kana 2.4 a page is parsed and written once for each selection, until it is another", () => {
    const { write } = world()
    const one: Page = { id: "v1", title: "名前", olang: "ja" }
    assert.deepStrictEqual(write("title", ["1", one]), { results: [{ id: "v1", title: "名前" }], parsed: ["1"] })
    assert.deepStrictEqual(write("title", ["1", one]), { results: [{ id: "v1", title: "名前" }], parsed: [] })
    assert.deepStrictEqual(write("olang", ["1", one]), { results: [{ id: "v1", olang: "ja" }], parsed: ["1"] })
    assert.deepStrictEqual(write("title", ["2", { ...one, title: "B" }], ["1", one]), {
      results: [{ id: "v1", title: "B" }, { id: "v1", title: "名前" }],
      parsed: ["2"]
    })
  })

  it("Kana 2.4 what took other pages is written anew, each in its place", () => {
    const { others, write } = world()
    const linked: Page = { id: "v1", relations: [{ id: "v2", relation: "seq" }] }
    const alone: Page = { id: "v3", relations: [] }
    const expected = (olang: string) => [
      { id: "v3", relations: [] },
      { id: "v1", relations: [{ id: "v2", olang }] },
      { id: "v3", relations: [] }
    ]
    const documents = [["3", alone], ["1", linked], ["3", alone]] as const
    others["v2"] = { id: "v2", olang: "ja" }
    assert.deepStrictEqual(write("relations.olang", ...documents).results, expected("ja"))
    others["v2"] = { id: "v2", olang: "en" }
    assert.deepStrictEqual(write("relations.olang", ...documents), { results: expected("en"), parsed: ["1"] })
  })
})
