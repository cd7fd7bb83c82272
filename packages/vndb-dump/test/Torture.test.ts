import { assert, beforeAll, describe, it } from "@effect/vitest"
import { CopyText, Generator, Layout, Torture } from "@kanau/vndb-dump"
import { Effect } from "effect"
import { load, type Loaded } from "./generated.ts"

const { ids, missing } = Torture

describe("Torture", () => {
  let dump: Loaded
  let next: Loaded
  let without: Loaded

  beforeAll(async () => {
    const made = (options: Omit<Generator.Options, "seed">) =>
      Effect.runPromise(Effect.flatMap(Generator.make({ seed: 5n, ...options }), load))
    dump = await made({ scale: 0.0001, date: "2026-02-28" })
    next = await made({ scale: 0.0001, date: "2026-02-28", day: 1 })
    without = await made({ scale: 0.0001, torture: false })
  })

  const one = (table: Layout.TableName, id: string) => {
    const [row, more] = dump.where(table, Layout.tables[table].columns[0]?.name ?? "id", id)
    assert.isUndefined(more, `${table} ${id}`)
    if (row === undefined) return assert.fail(`${table} has no ${id}`)
    return row
  }
  const values = (table: Layout.TableName, id: string, column: string, key = "id") =>
    dump.where(table, key, id).map((row) => row[column])

  it("NV-7 every id that is named is in the dump of its day, at the smallest scale", () => {
    const tables = {
      v: "vn",
      r: "releases",
      c: "chars",
      s: "staff",
      p: "producers",
      g: "tags",
      u: "users",
      q: "quotes"
    } as const
    const named = Object.values(ids).flatMap((value): ReadonlyArray<string> =>
      typeof value === "string" ? [value] : typeof value === "number" ? [] : Object.values<string>({ ...value })
    )
    assert.isAbove(named.length, 190)
    for (const id of named) {
      const table = (tables as Readonly<Record<string, Layout.TableName>>)[id.replace(/\d+$/, "")] ?? "images"
      const there = (id === ids.appearingVn ? next : dump).where(table, "id", id)
      assert.lengthOf(there, 1, id)
      assert.isEmpty(without.where(table, "id", id))
    }
    assert.isEmpty(dump.where("vn", "id", ids.appearingVn))
    assert.isEmpty(next.where("vn", "id", ids.vanishingVn))
    assert.notDeepEqual(dump.where("vn", "id", ids.changingVn), next.where("vn", "id", ids.changingVn))
    for (const id of ["cv1", "ch1", "sf1"]) assert.strictEqual(one("images", id)["id"], id)
  })

  it("NV-7 visual novels", () => {
    assert.isEmpty(dump.where("releases_vn", "vid", ids.vnWithoutReleases))
    assert.deepStrictEqual(values("releases_vn", ids.trialOnlyVn, "rtype", "vid"), ["trial"])
    assert.deepStrictEqual(values("vn_titles", ids.punctuationVn, "title"), ["……！？～★「」"])
    assert.strictEqual(one("vn", ids.backslashNVn)["description"], "\\N")
    assert.strictEqual(one("vn", ids.trailingNewlineVn)["alias"], "First alias\nSecond alias\n")
    assert.match(
      one("vn", ids.escapesVn)["description"] ?? "",
      /tab\there.*line\nfeed.*return\r.*C:\\new, \\t, \\\\, \\x41/s
    )
    const titles = values("vn_titles", ids.unicodeVn, "title").join()
    assert.match(titles, /😀/u)
    assert.match(titles, /[\u0590-\u05ff]/)
    assert.match(titles, /\u0302\u0301/)
    assert.lengthOf(dump.where("vn_editions", "id", ids.editionsVn), 2)
    assert.deepStrictEqual(values("vn_staff", ids.editionsVn, "eid"), [null, "0", "1"])
    assert.lengthOf(dump.where("vn_length_votes", "vid", ids.timedVn), 7)
    assert.lengthOf(dump.where("vn_length_votes", "vid", ids.timedVn).filter((vote) => vote["speed"] === null), 3)
    assert.deepStrictEqual(CopyText.decodeArray(values("vn_length_votes", ids.timedVn, "rid", "vid")[0] ?? ""), [
      "r9000003",
      "r9000004"
    ])
    assert.deepStrictEqual(
      Object.keys(ids.vnWithVotes).map(Number).map((count) => dump.where("ulist_vns", "vid", vnOf(count)).length),
      // Each with the ignored voter.
      [5, 6, 50, 51, 100, 101]
    )
  })

  it("NV-7 releases", () => {
    assert.deepStrictEqual(values("releases_vn", ids.bundleRelease, "vid"), ids.bundleVns)
    assert.deepStrictEqual(values("releases_images", ids.bundleRelease, "vid"), [ids.bundleVns[0]])
    assert.lengthOf(values("releases_titles", ids.untitledRelease, "title").filter((title) => title === null), 3)
    assert.deepStrictEqual(
      [
        ids.releasedUnknown,
        ids.releasedInMonth,
        ids.releasedInYear,
        ids.releasedTba,
        ids.releasedToday,
        ids.releasedTomorrow
      ].map((id) => one("releases", id)["released"]),
      ["0", "20250099", "20259999", "99999999", "20260228", "20260301"]
    )
    assert.deepStrictEqual(values("releases_titles", ids.machineTranslatedRelease, "mtl"), ["t"])
    assert.strictEqual(one("releases", ids.oddResolutionRelease)["reso_y"], "1")
    assert.strictEqual(one("releases", ids.oddResolutionRelease)["reso_x"], "0")
    assert.deepStrictEqual(values("releases_media", ids.twiceMediumRelease, "qty"), ["1", "2"])
    assert.deepStrictEqual(
      values(Torture.unknownEnum.table, ids.unknownPlatformRelease, Torture.unknownEnum.column).sort(),
      [Torture.unknownEnum.value, "win"]
    )
    assert.deepStrictEqual(dump.columns("drm").slice(0, 3), ["id", Torture.unknownColumn.column, "disc"])
    assert.deepStrictEqual(without.columns("drm").slice(0, 2), ["id", "disc"])
    assert.isTrue(dump.rows("drm").every((row) => row.length === 12))
  })

  it("NV-7 characters and staff", () => {
    assert.strictEqual(one("chars", ids.leapDayCharacter)["birthday"], "229")
    assert.strictEqual(one("chars", ids.weightlessCharacter)["weight"], "0")
    assert.strictEqual(one("chars", ids.secretCharacter)["spoil_sex"], "m")
    assert.strictEqual(one("chars", ids.secretCharacter)["spoil_gender"], "o")
    assert.deepStrictEqual(values("chars_names", ids.manyNamesCharacter, "lang"), ["en", "ja", "ru"])
    assert.strictEqual(one("vn", ids.englishVn)["olang"], "en")
    assert.deepStrictEqual(ids.instanceChain.map((id) => one("chars", id)["main"]), [
      ids.instanceChain[1],
      ids.instanceChain[2],
      null
    ])
    const aliases = values("staff_alias", ids.manyAliasesStaff, "aid")
    assert.lengthOf(aliases, 9)
    assert.strictEqual(aliases.at(-1), String(ids.mainAlias))
    assert.strictEqual(one("staff", ids.manyAliasesStaff)["main"], String(ids.mainAlias))
  })

  it("NV-7 tags and votes on them", () => {
    const [top, left, right, bottom] = ids.diamondTags
    assert.deepStrictEqual(values("tags_parents", bottom, "parent"), [left, right])
    assert.deepStrictEqual([left, right].map((id) => values("tags_parents", id, "parent")), [[top], [top]])
    assert.deepStrictEqual(
      ids.chainTags.slice(1).flatMap((id) => values("tags_parents", id, "parent")),
      ids.chainTags.slice(0, -1)
    )
    assert.strictEqual(one("tags", ids.unsearchableTag)["searchable"], "f")
    const votes = (tag: string, column = "vote") => values("tags_vn", tag, column, "tag")
    assert.deepStrictEqual(votes(ids.namelessVotesTag, "uid"), [null, null, null, null, null])
    assert.isTrue(votes(ids.negativeTag).every((vote) => Number(vote) < 0))
    assert.strictEqual(votes(ids.tieTag).reduce((sum, vote) => sum + Math.sign(Number(vote)), 0), 0)
    assert.deepStrictEqual(votes(ids.lieSplitTag, "lie"), ["t", "t", "f", "f"])
    assert.deepStrictEqual(votes(ids.ignoredVotesTag, "ignore"), ["f", "t", "f"])
    assert.strictEqual(one("users", ids.userWithoutTagging)["perm_tag"], "f")
    assert.strictEqual(one("users", ids.ignoredVoter)["ign_votes"], "t")
  })

  it("NV-7 images, and references that dangle", () => {
    const image = one("images", ids.unvotedImage)
    assert.deepStrictEqual([image["c_votecount"], image["c_sexual_avg"], image["c_violence_avg"]], ["0", "200", "200"])
    assert.deepStrictEqual(values("image_votes", ids.votedImage, "uid"), ["u9000001", "u9000002", null, null])
    assert.strictEqual(one("images", ids.votedImage)["c_sexual_avg"], "133")
    assert.deepStrictEqual(values("vn_relations", ids.danglingVn, "vid"), [missing.vn])
    assert.deepStrictEqual(values("vn_screenshots", ids.danglingVn, "rid"), [missing.release])
    assert.strictEqual(one("chars", ids.danglingCharacter)["main"], missing.character)
    assert.deepStrictEqual(values("producers_relations", ids.danglingProducer, "pid"), [missing.producer])
  })
})

const vnOf = (count: number): string => (ids.vnWithVotes as Readonly<Record<number, string>>)[count] ?? ""
