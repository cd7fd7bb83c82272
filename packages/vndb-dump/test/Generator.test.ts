import { assert, beforeAll, describe, it } from "@effect/vitest"
import { type CopyText, Generator, Layout, Torture } from "@kanau/vndb-dump"
import { Effect, Stream } from "effect"
import { createHash } from "node:crypto"
import { bytes } from "../src/internal/generator/row.ts"
import { load, type Loaded } from "./generated.ts"
import { broken, fits } from "./integrity.ts"

const hash = (options: Generator.Options) =>
  Effect.gen(function*() {
    // Not the texts: they name the seed.
    const { entries } = yield* Generator.make(options)
    const sum = createHash("sha256")
    for (const { table, columns, bytes } of entries) {
      sum.update(`${table} ${columns.join()}`)
      yield* Stream.runForEach(bytes, (chunk) => Effect.sync(() => sum.update(chunk)))
    }
    return sum.digest("hex")
  })

/** At 1 %, as asked for. */
const expected: Partial<Record<Layout.TableName, number>> = {
  vn: 667,
  vn_titles: 830,
  vn_relations: 500,
  vn_screenshots: 2050,
  vn_staff: 2400,
  vn_seiyuu: 1350,
  releases: 1578,
  releases_vn: 1690,
  releases_titles: 1850,
  releases_platforms: 2450,
  releases_media: 1740,
  releases_producers: 2760,
  releases_extlinks: 1810,
  releases_images: 1030,
  chars: 1716,
  chars_names: 1890,
  chars_alias: 940,
  chars_vns: 2230,
  chars_traits: 30_700,
  staff: 546,
  staff_alias: 680,
  staff_extlinks: 490,
  producers: 303,
  producers_extlinks: 330,
  tags: 400,
  tags_parents: 478,
  traits: 450,
  tags_vn: 19_500,
  images: 4_600,
  image_votes: 63_500,
  users: 1_370,
  ulist_vns: 99_000,
  ulist_labels: 6_200,
  rlists: 13_000,
  vn_length_votes: 1_050,
  vn_image_votes: 600,
  extlinks: 2_900,
  wikidata: 120,
  anime: 16,
  quotes: 230,
  entry_meta: 5_700
}

describe("Generator", () => {
  let plain: Loaded
  let small: Loaded
  let next: Loaded

  beforeAll(async () => {
    const made = (options: Omit<Generator.Options, "seed">) =>
      Effect.runPromise(Effect.flatMap(Generator.make({ seed: 7n, ...options }), load))
    plain = await made({ scale: 0.01, torture: false })
    small = await made({ scale: 0.001 })
    next = await made({ scale: 0.001, day: 1 })
  })

  it.effect("NV-7 the same seed makes the same bytes, another seed other bytes", () =>
    Effect.gen(function*() {
      const one = yield* hash({ seed: 7n, scale: 0.001 })
      assert.strictEqual(yield* hash({ seed: 7n, scale: 0.001 }), one)
      assert.strictEqual(yield* hash({ seed: 7n + 2n ** 64n, scale: 0.001, day: 0 }), one)
      const others = yield* Effect.all([
        hash({ seed: 8n, scale: 0.001 }),
        hash({ seed: 7n + 2n ** 32n, scale: 0.001 }),
        hash({ seed: 7n, scale: 0.0011 }),
        hash({ seed: 7n, scale: 0.001, day: 1 }),
        hash({ seed: 7n, scale: 0.001, torture: false })
      ])
      assert.strictEqual(new Set([one, ...others]).size, 6)
    }))

  it("NV-7 every table has about as many rows as at 1 % of VNDB", () => {
    for (const [table, rows] of Object.entries(expected)) {
      const found = plain.rows(table as Layout.TableName).length
      assert.isAtMost(Math.abs(found / rows - 1), 0.1, `${table}: ${found} for ${rows}`)
    }
    const total = Layout.names.reduce((sum, table) => sum + plain.rows(table).length, 0)
    assert.isAtMost(Math.abs(total / 270_000 - 1), 0.08)
  })

  it("NV-7 every cell is of its column's type", () => {
    for (const table of Object.values(Layout.tables)) {
      assert.deepStrictEqual(plain.columns(table.name), table.columns.map(({ name }) => name))
      for (const row of plain.rows(table.name)) {
        for (const [at, { name, type, nullable }] of table.columns.entries()) {
          const cell = row[at] ?? null
          if (cell === null ? !nullable : !fits(type, cell)) assert.fail(`${table.name}.${name}: ${cell}`)
        }
      }
    }
  })

  it("NV-7 references hold and keys are unique, on later days too", () => {
    assert.deepStrictEqual(broken(plain), { dangling: [], twice: [] })
    const dangling = [
      `chars.main ${Torture.ids.danglingCharacter},`,
      `producers_relations.pid ${Torture.ids.danglingProducer},${Torture.missing.producer}`,
      `quotes.cid ${Torture.ids.danglingQuote},${Torture.ids.danglingVn}`,
      `rlists.rid ${Torture.ids.voters[0]},${Torture.missing.release}`,
      `vn_relations.vid ${Torture.ids.danglingVn},${Torture.missing.vn}`,
      `vn_screenshots.rid ${Torture.ids.danglingVn},sf9000001`
    ]
    assert.deepStrictEqual(broken(small), { dangling, twice: [] })
    assert.deepStrictEqual(broken(next), { dangling, twice: [] })
  })

  it("NV-7 rows are in the order of keys, by number", () => {
    const order = (cell: CopyText.Cell) => {
      const [, kind = "", number = ""] = /^(\D*)(\d*)$/.exec(cell ?? "") ?? []
      return [kind, Number(number)] as const
    }
    for (const table of Object.values(Layout.tables).filter(({ key }) => key.length > 0)) {
      const ids = small.column(table.name, table.key[0] ?? "").map(order)
      for (const [at, [kind, number]] of ids.entries()) {
        const [before, numberBefore] = ids[at - 1] ?? ["", 0]
        assert.isTrue(before < kind || (before === kind && numberBefore <= number), `${table.name} ${kind}${number}`)
      }
    }
  })

  it("NV-7 the votes are distributed as VNDB's", () => {
    const counts = plain.column("vn", "c_votecount").map(Number)
    const share = (holds: (count: number) => boolean) => counts.filter(holds).length / counts.length
    assert.isAtMost(Math.abs(share((count) => count === 0) - 0.69), 0.05)
    assert.isAtMost(Math.abs(share((count) => count >= 30) - 0.1306), 0.03)
    const votes = plain.column("ulist_vns", "vote").filter((vote) => vote !== null).map(Number)
    const mean = votes.reduce((sum, one) => sum + one, 0) / votes.length
    assert.isAtMost(Math.abs(mean - 72.3), 2.5)
    const spread = Math.sqrt(votes.reduce((sum, one) => sum + (one - mean) ** 2, 0) / votes.length)
    assert.isAtMost(Math.abs(spread - 18.7), 2)
    assert.isTrue(votes.every((vote) => vote >= 10 && vote <= 100))
    assert.isAtMost(Math.abs(votes.filter((vote) => vote % 10 !== 0).length / votes.length - 0.18), 0.03)
    const olang = plain.column("vn", "olang")
    assert.isAtMost(Math.abs(olang.filter((one) => one === "ja").length / olang.length - 0.57), 0.07)
  })

  it("NV-7 a smaller dump is the beginning of a larger one", () => {
    const titles = plain.rows("vn_titles")
    const without = small.rows("vn_titles").filter(([id]) => (id ?? "").length < 8)
    assert.isAbove(without.length, 60)
    assert.deepStrictEqual(without, titles.slice(0, without.length))
    const releases = small.column("releases", "id").filter((id) => (id ?? "").length < 8)
    assert.deepStrictEqual(releases, plain.column("releases", "id").slice(0, releases.length))
  })

  it("NV-7 a later day changes few entries and takes some away", async () => {
    const later = await Effect.runPromise(
      Effect.flatMap(Generator.make({ seed: 7n, scale: 0.01, day: 3, torture: false }), load)
    )
    const texts = (dump: Loaded, table: "vn" | "chars") => {
      const descriptions = dump.column(table, "description")
      return new Map(dump.column(table, "id").map((id, at) => [id, descriptions[at]]))
    }
    for (const table of ["vn", "chars"] as const) {
      const [before, after] = [texts(plain, table), texts(later, table)]
      const gone = [...before.keys()].filter((id) => !after.has(id)).length / before.size
      const changed = [...after].filter(([id, text]) => before.get(id) !== text)
      assert.isTrue([...after.keys()].every((id) => before.has(id)))
      assert.isAtMost(Math.abs(changed.length / before.size - 0.015), 0.01)
      assert.isBelow(gone, 0.03)
      for (const [id] of changed) {
        assert.isAbove(
          Number(later.where("entry_meta", "id", id)[0]?.["revision"]),
          Number(plain.where("entry_meta", "id", id)[0]?.["revision"])
        )
      }
    }
    assert.isBelow(later.rows("vn").length, plain.rows("vn").length)
    assert.deepStrictEqual(broken(later), { dangling: [], twice: [] })
    assert.isEmpty(next.where("vn", "id", Torture.ids.vanishingVn))
  })

  it.effect("NV-7 rows are made as they are asked for, little by little", () =>
    Effect.gen(function*() {
      let made = 0
      let taken = 0
      const endless = function*() {
        for (;;) {
          const row = ["v1", made, "x".repeat(500)]
          made += row.join("\t").length + 1
          yield row
        }
      }
      yield* Stream.runForEach(Stream.take(bytes(endless), 100), (piece) =>
        Effect.sync(() => {
          taken += piece.byteLength
          assert.isAtMost(made - taken, 1 << 16)
        }))
      assert.isAbove(taken, 100 << 16)
      const { entries } = yield* Generator.make({ seed: 7n, scale: 1, torture: false })
      // At full size nothing of these tables fits in what is taken: it would take minutes to make them first.
      for (const table of ["chars_traits", "tags_vn", "image_votes"] as const) {
        const entry = entries.find((one) => one.table === table)
        const pieces = yield* Stream.runCollect(Stream.take(entry?.bytes ?? Stream.empty, 4))
        assert.lengthOf(pieces, 4)
        for (const piece of pieces) assert.isAtMost(piece.byteLength, 80_000)
      }
    }))

  it.effect("NV-7 what cannot be generated is refused with a reason", () =>
    Effect.gen(function*() {
      for (
        const wrong of [{ scale: 0 }, { scale: 11 }, { scale: NaN }, { day: -1 }, { day: 1.5 }, { date: "2026-13-01" }]
      ) {
        const fault = yield* Effect.flip(Generator.make({ seed: 1n, scale: 1, ...wrong }))
        assert.match(fault.message, new RegExp(`^${Object.keys(wrong)[0]}: It is `))
      }
    }))
})
