import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Cursor from "../src/internal/gateway/cursor.ts"
import { reader } from "../src/internal/gateway/list.ts"
import { issuesOf, withGateway, type World } from "./gateway.ts"
import { random } from "./random.ts"

interface Listed {
  readonly results: ReadonlyArray<{ readonly id: string; readonly text?: string }>
  readonly next?: string | null
  readonly missing?: ReadonlyArray<string>
}

const listed = async (response: Response): Promise<Listed> => {
  assert.strictEqual(response.status, 200, await response.clone().text())
  return (await response.json()) as Listed
}
const idsOf = (page: Listed) => page.results.map(({ id }) => id)

/** Ten notes: n0 … n9, of size 0 … 9, by ada and bob in turn. */
const ten = (world: World) => {
  for (let at = 0; at < 10; at++) {
    world.put(`n${at}`, `t${at}`, {
      fields: {
        author: at % 2 === 0 ? "ada" : "bob",
        size: at,
        done: at > 7,
        tags: [`x${at}`, "all"],
        ranks: [at, 100]
      }
    })
  }
}

describe("by ids", () => {
  it.effect("NV-3 documents come in the order asked, once each, and what is not there is named", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        ten(world)
        world.put("gone", "bye", { deleted: true })
        const page = await listed(await get("/note?id=n3,none,n1,n3,gone,much-too-long"))
        assert.deepStrictEqual(idsOf(page), ["n3", "n1"])
        assert.deepStrictEqual(page.missing, ["none", "gone", "much-too-long"])
        assert.deepStrictEqual(await listed(await get("/note?id=none")), { results: [], missing: ["none"] })
        const sparse = await listed(await get("/note?id=n3%2Cn1&fields=id"))
        assert.deepStrictEqual(sparse.results, [{ id: "n3" }, { id: "n1" }])
      })
    ))

  it.effect("NV-2 what is in memory is not read again, and the rest is one read", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        ten(world)
        world.gap(false)
        await get("/note/n1")
        await get("/note?id=n1,n2,n3")
        assert.strictEqual(world.reads, 2)
        assert.deepStrictEqual(idsOf(await listed(await get("/note?id=n3,n2,n1"))), ["n3", "n2", "n1"])
        await get("/note/n2")
        assert.strictEqual(world.reads, 2)
        world.put("n2", "new")
        world.changed("n2")
        assert.strictEqual((await listed(await get("/note?id=n1,n2"))).results[1]?.text, "new")
      })
    ))

  it.effect("NV-3 304 for an unchanged answer; ids are bounded", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        ten(world)
        const etag = (await get("/note?id=n1,n2")).headers.get("etag") ?? ""
        assert.strictEqual((await get("/note?id=n1,n2", { "if-none-match": etag })).status, 304)
        assert.strictEqual((await get("/note?id=n2,n1", { "if-none-match": etag })).status, 200)
        world.put("n2", "new")
        assert.strictEqual((await get("/note?id=n1,n2", { "if-none-match": etag })).status, 200)
        const many = Array.from({ length: 101 }, (_, at) => `n${at}`).join(",")
        for (const ids of [many, "", "a,,b"]) {
          const refused = await get(`/note?id=${ids}`)
          assert.strictEqual(refused.status, 400)
          assert.deepStrictEqual(await issuesOf(refused), [{
            path: "id",
            message: "Takes 1 to 100 ids, joined with commas"
          }])
        }
      })
    ))
})

describe("lists", () => {
  it.effect("NV-3 filters, sorts, limits and cursors", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        ten(world)
        const ids = async (query: string) => idsOf(await listed(await get(`/note?${query}`)))
        assert.deepStrictEqual(await ids(""), ["n0", "n1", "n2", "n3", "n4"], "default sort and limit")
        assert.deepStrictEqual(await ids("sort=-size,author&limit=2"), ["n9", "n8"])
        assert.deepStrictEqual(await ids("author=bob"), ["n1", "n3", "n5", "n7", "n9"])
        assert.deepStrictEqual(await ids("author=bob,ada&size.gte=8"), ["n8", "n9"])
        assert.deepStrictEqual(await ids("size.gt=2&size.lt=5"), ["n3", "n4"])
        assert.deepStrictEqual(await ids("author.lte=ada&size.lte=2"), ["n0", "n2"])
        assert.deepStrictEqual(await ids("size=7,2"), ["n2", "n7"])
        assert.deepStrictEqual(await ids("done=true"), ["n8", "n9"])
        assert.deepStrictEqual(await ids("tags=x3,x4"), ["n3", "n4"])
        assert.deepStrictEqual(await ids("ranks=6"), ["n6"])
        assert.deepStrictEqual(await ids("author=nobody"), [])
        const sparse = await listed(await get("/note?limit=1&fields=text"))
        assert.deepStrictEqual(sparse.results as unknown, [{ text: "t0" }])
      })
    ))

  it.effect("NV-3 pages follow each other to the last, whose next is null", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        ten(world)
        const seen: Array<string> = []
        let query = "limit=4&sort=-size,author"
        for (let pages = 0; pages < 3; pages++) {
          const page = await listed(await get(`/note?${query}`))
          seen.push(...idsOf(page))
          query = `limit=4&sort=-size,author&after=${page.next}`
          assert.strictEqual(page.next === null, pages === 2)
        }
        assert.deepStrictEqual(seen, ["n9", "n8", "n7", "n6", "n5", "n4", "n3", "n2", "n1", "n0"])
        assert.isNull((await listed(await get("/note?limit=10"))).next, "a full page can be the last one")
      })
    ))

  it.effect("NV-3 a page has a tag: 304 while none of its documents changes", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        ten(world)
        const first = await get("/note?limit=3")
        const known = { "if-none-match": first.headers.get("etag") ?? "" }
        assert.strictEqual((await get("/note?limit=3", known)).status, 304)
        assert.strictEqual((await get("/note?limit=3&fields=id", known)).status, 200)
        world.put("n9", "new", { fields: { size: 9 } })
        assert.strictEqual((await get("/note?limit=3", known)).status, 304)
        world.put("n1", "new", { fields: { size: 1 } })
        assert.strictEqual((await get("/note?limit=3", known)).status, 200)
      })
    ))

  it.effect("NF-9 what is not declared or of another type is refused with what is allowed", () =>
    withGateway((_, get) =>
      Effect.promise(async () => {
        const number = "Takes numbers of at most 15 digits"
        const sort = "Is none of size; -size,author; author"
        const limit = "Takes a number from 1 to 20"
        const wrong: ReadonlyArray<readonly [query: string, path: string, message?: string]> = [
          ["colour=red", "colour"],
          ["done.gt=true", "done.gt"],
          ["tags.gt=x", "tags.gt"],
          ["size=x", "size", number],
          ["size=", "size", number],
          ["size=1,", "size", number],
          ["size.gt=1e3", "size.gt", number],
          ["size=0x10", "size", number],
          ["size=NaN", "size", number],
          ["size.lt=1,2", "size.lt", number],
          ["ranks=x", "ranks", number],
          ["done=yes", "done", "Takes true or false"],
          ["sort=-author", "sort", sort],
          ["sort=", "sort", sort],
          ["sort=toString", "sort", sort],
          ["limit=0", "limit", limit],
          ["limit=21", "limit", limit],
          ["limit=1.5", "limit", limit],
          ["limit=-1", "limit", limit],
          ["limit=", "limit", limit],
          ["fields=nothing", "fields"],
          [`author=${Array(101).fill("a").join(",")}`, "author", "Takes at most 100 values"]
        ]
        for (const [query, path, message] of wrong) {
          const response = await get(`/note?${query}`)
          assert.strictEqual(response.status, 400, query)
          const [issue] = await issuesOf(response)
          assert.strictEqual(issue?.path, path)
          if (message !== undefined) assert.strictEqual(issue?.message, message)
        }
        assert.deepStrictEqual(
          (await issuesOf(await get("/note?size=x&limit=x&colour=1&done=1"))).map(({ path }) => path),
          ["colour"],
          "parameters that there are not come first"
        )
        assert.deepStrictEqual(
          (await issuesOf(await get("/note?size=x&limit=x&done=1"))).map(({ path }) => path),
          ["size", "done", "limit"]
        )
      })
    ))

  it.effect("NF-9 a cursor that was changed, or belongs to another list, is refused", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        ten(world)
        const { next } = await listed(await get("/note?author=ada&limit=2"))
        const good = next ?? ""
        assert.strictEqual((await get(`/note?author=ada&limit=3&after=${good}`)).status, 200)
        const list = JSON.stringify(["note", "size", []])
        const forged = [
          { keys: ["text"], id: "n1" },
          { keys: [{}], id: "n1" },
          { keys: [1, 2], id: "n1" },
          { keys: [], id: "n1" },
          { keys: [1], id: "\0" },
          { keys: [1], id: 7 }
        ].map((place) => `after=${Cursor.encode(list, place as never)}`)
        const wrong = [
          `after=${good}`,
          `author=bob&after=${good}`,
          `author=ada&sort=author&after=${good}`,
          `author=ada&after=${good.slice(0, -2)}`,
          `author=ada&after=${good.slice(0, 30)}A${good.slice(31)}`,
          `author=ada&after=${good}=`,
          "after=",
          "after=x",
          "after=null",
          `after=${"A".repeat(5000)}`,
          ...forged
        ]
        for (const query of wrong) {
          const response = await get(`/note?${query}`)
          assert.strictEqual(response.status, 400, query)
          const [issue] = await issuesOf(response)
          assert.strictEqual(issue?.path, "after")
          assert.include(issue?.message, "leave it out to begin at the front")
        }
        const made = Cursor.encode(list, { keys: [7], id: "n7" })
        assert.deepStrictEqual(idsOf(await listed(await get(`/note?after=${made}`))), ["n8", "n9"])
      })
    ))

  for (const seed of [1, 2, 3, 4, 5]) {
    it.effect(`NV-3 whatever changes between pages, what does not change is seen exactly once (seed ${seed})`, () =>
      withGateway((world, get) =>
        Effect.promise(async () => {
          const { below, chance, of } = random(seed)
          const put = (id: string) => {
            world.put(id, `${id}-${below(1e6)}`, {
              deleted: chance(20),
              fields: { author: of(["a", "b", null]), size: chance(10) ? null : below(8) }
            })
          }
          for (const sort of ["size", "-size,author", "author"]) {
            const still = Array.from({ length: 25 }, (_, at) => `s${at}`)
            for (const id of still) {
              world.put(id, id, { fields: { author: of(["a", "b", null]), size: chance(10) ? null : below(8) } })
            }
            for (let at = 0; at < 15; at++) put(`m${at}`)
            const seen: Array<string> = []
            for (let next: string | null = ""; next !== null;) {
              const after = next === "" ? "" : `&after=${next}`
              const page: Listed = await listed(await get(`/note?sort=${sort}&limit=${1 + below(6)}${after}`))
              seen.push(...idsOf(page))
              next = page.next ?? null
              for (let at = 0; at < 5; at++) put(`m${below(20)}`)
              assert.isBelow(seen.length, 500)
            }
            assert.deepStrictEqual(seen.filter((id) => id.startsWith("s")).sort(), [...still].sort())
          }
        })
      ))
  }

  it("lists of values are no sorts, and lists of records neither sorts nor filters: a mistake when the page is mounted", () => {
    const types = { size: "number", tags: "texts", links: { records: { name: "text" } } } as const
    const made = (filters: ReadonlyArray<string>, sorts: ReadonlyArray<string>) => () =>
      reader("note", { types, filters, sorts, maxLimit: 9 }, [])
    made(["size", "tags"], ["size"])()
    assert.throws(made([], ["tags"]), "A list cannot be sorted by tags, which is a list")
    assert.throws(made([], ["size,-links"]), "The list names links, which holds records; name a plain field")
    assert.throws(made(["links"], ["size"]), "The list names links, which holds records; name a plain field")
    assert.throws(made(["year"], ["size"]), "The list names year, which has no type; add it to types")
  })
})
