import { assert, beforeAll, describe, it } from "@effect/vitest"
import { type CopyText, Generator, Torture } from "@kanau/vndb-dump"
import { Effect } from "effect"
import { voteFigures } from "../src/internal/generator/statistics.ts"
import { load, type Loaded } from "./generated.ts"

const group = <A>(rows: ReadonlyArray<A>, by: (row: A) => string) => {
  const groups = new Map<string, Array<A>>()
  for (const row of rows) groups.set(by(row), [...groups.get(by(row)) ?? [], row])
  return groups
}
const mean = (values: ReadonlyArray<number>) => values.reduce((sum, one) => sum + one, 0) / values.length

/** The rules of VNDB over the rows of a dump, in the plainest way. */
describe.each([0, 2])("Generator: the figures of a dump are those of its votes, day %i", (day) => {
  let dump: Loaded
  let novels: ReadonlyArray<Readonly<Record<string, CopyText.Cell>>>
  const all = (table: Parameters<Loaded["rows"]>[0]) =>
    dump.rows(table).map((row) =>
      Object.fromEntries(dump.columns(table).map((name, at) => [name, row[at] ?? null]))
    ) as ReadonlyArray<Readonly<Record<string, CopyText.Cell>>>

  beforeAll(async () => {
    dump = await Effect.runPromise(Effect.flatMap(Generator.make({ seed: 3n, scale: 0.01, day }), load))
    novels = all("vn")
  })

  it("NV-7 votes, averages and ratings", () => {
    const ignored = new Set(all("users").filter((user) => user["ign_votes"] === "t").map((user) => user["id"]))
    assert.isAbove(ignored.size, 1)
    const votes = group(
      all("ulist_vns").filter((row) => row["vote"] !== null && !ignored.has(row["uid"] ?? "")),
      (row) => row["vid"] ?? ""
    )
    const values = new Map([...votes].map(([vn, rows]) => [vn, rows.map((row) => Number(row["vote"]))]))
    const overall = mean([...values.values()].map(mean))
    const raw = (of: ReadonlyArray<number>) => {
      const p = 7 * (1 - Math.min(1, of.length / 100))
      return (p * overall + of.reduce((sum, one) => sum + one, 0)) / (p + of.length)
    }
    const ranked = (least: number, rank: number) =>
      [...values.values()].filter((of) => of.length >= least).map(raw).sort((a, b) => b - a)[rank - 1] ?? Infinity
    const [cap50, cap100] = [ranked(50, 102), ranked(100, 52)]
    for (const novel of novels) {
      const of = values.get(novel["id"] ?? "") ?? []
      assert.strictEqual(Number(novel["c_votecount"]), of.length)
      if (of.length === 0) assert.isNull(novel["c_average"] ?? null)
      else assert.isAtMost(Math.abs(Number(novel["c_average"]) - mean(of) * 10), 0.5)
      if (of.length < 5) assert.isNull(novel["c_rating"] ?? null)
      else {
        const cap = of.length < 50 ? cap50 : of.length < 100 ? cap100 : Infinity
        assert.isAtMost(Math.abs(Number(novel["c_rating"]) - Math.min(raw(of), cap) * 10), 0.5 + 1e-9)
      }
    }
    for (const [count, id] of Object.entries(Torture.ids.vnWithVotes)) {
      const [novel] = novels.filter((one) => one["id"] === id)
      assert.strictEqual(novel?.["c_votecount"], count)
      assert.strictEqual(novel?.["c_rating"] === null, count === "4")
    }
  })

  it("NV-7 lengths", () => {
    const denied = new Set(all("users").filter((user) => user["perm_lengthvote"] === "f").map((user) => user["id"]))
    const votes = group(all("vn_length_votes"), (row) => row["vid"] ?? "")
    let some = 0
    for (const novel of novels) {
      const counted = (votes.get(novel["id"] ?? "") ?? []).filter((vote) =>
        vote["speed"] !== null && !denied.has(vote["uid"] ?? "") && novel["devstatus"] !== "1"
      )
      const minutes = counted.map(({ length, speed }) =>
        Number(length) + Math.trunc(Number(length) / 4) * (Number(speed) - 1)
      ).sort((a, b) => a - b)
      const middle = minutes.length / 2
      const median = minutes.length === 0
        ? null
        : Number.isInteger(middle)
        ? mean(minutes.slice(middle - 1, middle + 1))
        : minutes[Math.floor(middle)]
      assert.strictEqual(Number(novel["c_lengthnum"]), minutes.length)
      assert.strictEqual(novel["c_length"] === null ? null : Number(novel["c_length"]), median)
      some += minutes.length
    }
    assert.isAbove(some, 800)
    assert.strictEqual(novels.find((one) => one["id"] === Torture.ids.timedVn)?.["c_length"], "600")
    assert.strictEqual(novels.find((one) => one["id"] === Torture.ids.timedInDevelopmentVn)?.["c_lengthnum"], "0")
  })

  it("NV-7 images", () => {
    const rows = all("image_votes")
    const given = new Map([...group(rows, (row) => row["uid"] ?? "")].map(([uid, of]) => [uid, of.length]))
    const votes = group(rows, (row) => row["id"] ?? "")
    for (const image of all("images")) {
      const of = votes.get(image["id"] ?? "") ?? []
      const counted = of.filter((vote) => vote["ignore"] === "f")
      const frequent = counted.filter((vote) => vote["uid"] !== null && (given.get(vote["uid"] ?? "") ?? 0) > 30)
      const used = frequent.length > 0 ? frequent : counted
      assert.strictEqual(Number(image["c_votecount"]), of.length)
      for (const name of ["sexual", "violence"]) {
        const values = used.map((vote) => Number(vote[name]))
        const spread = Math.sqrt(mean(values.map((one) => (one - mean(values)) ** 2)))
        assert.isAtMost(
          Math.abs(Number(image[`c_${name}_avg`]) - (values.length === 0 ? 200 : mean(values) * 100)),
          0.5
        )
        assert.isAtMost(Math.abs(Number(image[`c_${name}_stddev`]) - (values.length === 0 ? 0 : spread * 100)), 0.501)
      }
      assert.isAbove(Number(image["c_weight"]), 0)
    }
  })
})

it("NV-7 few votes are rated no higher than the 102nd or 52nd best of those with many", () => {
  const tally = (count: number, vote: number) => ({ count, sum: count * vote })
  const many = Array.from({ length: 110 }, (_, at) => [at + 1, tally(100 + at, 95 - at / 2)] as const)
  const figures = voteFigures(new Map([...many, [500, tally(49, 100)], [501, tally(99, 100)], [502, tally(4, 100)]]))
  assert.strictEqual(figures.get(1)?.rating, 950)
  // Of those with 50 or more the 102nd best: 501 is one of them, and the best.
  assert.strictEqual(figures.get(500)?.rating, figures.get(101)?.rating)
  assert.strictEqual(figures.get(501)?.rating, figures.get(52)?.rating)
  assert.isNull(figures.get(502)?.rating ?? null)
  assert.strictEqual(figures.get(502)?.average, 1000)
})
