import { assert, describe, layer } from "@effect/vitest"
import { Bus, Consumer, EmbeddedBus, ScheduleRunner } from "@kanau/messaging"
import { PgScheduleStore, Relay } from "@kanau/postgres"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { accounts, DeriveService } from "../src/index.ts"
import { days } from "../src/roles/days.ts"
import { timetable } from "../src/roles/housekeeping.ts"
import { derive } from "../src/wiki/hooks/Derive.ts"
import { databases, events, reset } from "./databases.ts"
import { put, releases, users, vns } from "./rows.ts"

/** Runs it on that day. */
const on = (day: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provide(Effect.andThen(TestClock.setTime(Date.parse(`${day}T12:00:00Z`)), effect), TestClock.layer())

const select = <Row extends object>(query: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Row>(query))

const figuresOf = (id: string) =>
  Effect.map(
    select<
      {
        released: number | null
        languages: ReadonlyArray<string>
        platforms: ReadonlyArray<string>
        developers: ReadonlyArray<string>
      }
    >(
      `select released, to_json(languages) as languages, to_json(platforms) as platforms, to_json(developers) as developers,
        cover, length, lengthnum from vn_stats where id = '${id}'`
    ),
    (rows) => rows[0]
  )

const votesOf = (...ids: ReadonlyArray<string>) =>
  Effect.map(
    select<{ id: string; n: number; average: number | null; rating: number | null }>(
      "select id, votecount as n, average, rating from vn_stats"
    ),
    (rows) =>
      ids.map((id) => {
        const row = rows.find((one) => one.id === id)
        return [row?.n, row?.average, row?.rating]
      })
  )

const tagsOf = (table: string, id: string) =>
  Effect.map(
    select<{ tag: string; rating: number; spoiler: number; lie: boolean }>(
      `select tag, round(rating::numeric, 3)::float8 as rating, spoiler, lie from ${table} where vid = '${id}'
        order by length(tag), tag`
    ),
    (rows) => rows.map(({ lie, rating, spoiler, tag }) => [tag, rating, spoiler, lie])
  )

/** Votes as the dump counts them: so many, of this average. */
const dumped = (id: string, votecount: number, average: number) => ({ id, votecount, average: average * 10 })

for (const database of databases) {
  const world = Layer.mergeAll(
    Layer.provideMerge(PgScheduleStore.layer(), database.layer),
    EmbeddedBus.layer({ file: ":memory:" })
  )
  describe(`Figures on ${database.name}`, () => {
    layer(world, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect("1.12.1 the date is that of the first official release that is no trial and whose date is known", () =>
        Effect.gen(function*() {
          yield* reset
          yield* vns(...["v1", "v2", "v3", "v4", "v5"].map((id) => ({ id })))
          yield* releases(
            { id: "r1", of: { v1: "complete" }, row: { released: 0 } },
            { id: "r2", of: { v1: "trial" }, row: { released: 20_100_101 } },
            { id: "r3", of: { v1: "complete" }, row: { released: 20_110_101, official: false } },
            { id: "r4", of: { v1: "partial", v5: "complete" }, row: { released: 20_129_999 } },
            { id: "r5", of: { v1: "complete" }, row: { released: 20_120_599 } },
            { id: "r6", of: { v2: "complete" }, row: { released: 99_999_999 } },
            { id: "r7", of: { v3: "trial" } },
            { id: "r8", of: { v5: "complete" }, row: { released: 20_000_101, hidden: true } },
            {
              id: "r9",
              of: { v5: "complete" },
              row: { released: 20_000_101, deleted_at: "2020-01-01", deleted_by: "x" }
            }
          )
          yield* DeriveService.figures("all")
          const dates = yield* Effect.forEach(["v1", "v2", "v3", "v4", "v5"], figuresOf)
          assert.deepStrictEqual(dates.map((one) => one?.released), [20_120_599, 99_999_999, null, null, 20_129_999])
        }))

      it.effect("1.12.2 languages and platforms are those of releases that are out today, but trials and machine translations", () =>
        Effect.gen(function*() {
          yield* reset
          yield* vns({ id: "v1" }, { id: "v2" }, { id: "v3" }, { id: "v4" })
          yield* releases(
            { id: "r1", of: { v1: "complete" }, langs: ["ja"], mtl: ["ko"], platforms: ["win", "lin"] },
            { id: "r2", of: { v1: "trial" }, langs: ["fr"], platforms: ["mac"] },
            { id: "r3", of: { v1: "complete" }, langs: ["en"], platforms: ["swi"], row: { released: 20_250_615 } },
            { id: "r4", of: { v1: "partial" }, langs: ["de"], platforms: ["ps4"], row: { released: 20_250_699 } },
            { id: "r5", of: { v1: "partial" }, langs: ["it"], platforms: ["ps5"], row: { released: 20_259_999 } },
            { id: "r6", of: { v1: "partial" }, langs: ["es"], platforms: ["web"], row: { released: 99_999_999 } },
            { id: "r7", of: { v1: "complete" }, langs: ["ja"], platforms: ["win"], row: { official: false } },
            { id: "r8", of: { v2: "complete" }, langs: ["zh-Hans"], mtl: ["ja"] },
            { id: "r9", of: { v3: "trial" }, langs: ["ja"], platforms: ["win"] }
          )
          const states = [
            ["2025-06-14", ["ja"], ["lin", "win"]],
            ["2025-06-15", ["en", "ja"], ["lin", "swi", "win"]],
            ["2025-07-01", ["de", "en", "ja"], ["lin", "ps4", "swi", "win"]],
            ["2026-01-01", ["de", "en", "it", "ja"], ["lin", "ps4", "ps5", "swi", "win"]]
          ] as const
          for (const [day, languages, platforms] of states) {
            assert.include(yield* DeriveService.figures("all").pipe(on(day)), "v1")
            assert.deepInclude(yield* figuresOf("v1"), { languages, platforms }, day)
            assert.deepStrictEqual(
              yield* DeriveService.figures("all").pipe(on(day)),
              [],
              "and nothing changes by itself"
            )
          }
          assert.deepInclude(yield* figuresOf("v2"), { languages: ["zh-Hans"], platforms: [] })
          assert.deepInclude(yield* figuresOf("v3"), { languages: [], platforms: [] })
          assert.deepInclude(yield* figuresOf("v4"), { languages: [], platforms: [], released: null, developers: [] })
        }))

      it.effect("1.12.2 the daily signal comes once a day and derives what has come out", () =>
        Effect.gen(function*() {
          yield* reset
          // More than one step; v999 is the last of them.
          yield* vns(...Array.from({ length: 1001 }, (_, at) => ({ id: `v${at + 1}` })))
          yield* releases({
            id: "r1",
            of: { v1: "complete", v999: "complete" },
            langs: ["en"],
            row: { released: 20_250_615 }
          })
          yield* DeriveService.figures("all").pipe(on("2025-06-14"))
          const job = timetable.jobs.find(({ name }) => name === "day")
          const due = new Date(job?.calendar.next(Date.parse("2025-06-14T12:00:00Z")) ?? 0)
          assert.strictEqual(due.toISOString(), "2025-06-15T00:05:00.000Z")
          assert.strictEqual(job?.calendar.next(due.getTime()), due.getTime() + 86_400_000)
          const bus = yield* Bus.Bus
          yield* Effect.forEach([days.queue, derive.queue], bus.declare)
          yield* ScheduleRunner.fire(timetable, "day")
          yield* Effect.forkScoped(Relay.run)
          yield* Effect.forkScoped(Consumer.run(days))
          yield* figuresOf("v999").pipe(
            Effect.delay("10 millis"),
            Effect.repeat({ until: (found) => found?.languages.length === 1 }),
            Effect.timeout("20 seconds")
          )
          assert.deepInclude(yield* figuresOf("v1"), { languages: ["en"] })
          assert.deepStrictEqual(yield* bus.deadLetters(days.queue.name, 10), [])
          const told = (yield* events).slice(-3).map(({ subject, type }) => [type, subject])
          assert.deepStrictEqual(told, [
            ["vndb.day.begun", "day"],
            ["vndb.vn.figures-derived", "v1"],
            ["vndb.vn.figures-derived", "v999"]
          ])
          assert.deepInclude(accounts.map(({ queue }) => queue), days.queue.name)
        }))

      it.effect("1.12.3 developers are those of official releases, each once, also of a bundle", () =>
        Effect.gen(function*() {
          yield* reset
          const all = Array.from({ length: 30 }, (_, at) => `v${at + 1}`)
          yield* vns(...all.map((id) => ({ id })))
          yield* put({ producers: ["p1", "p2", "p3", "p4"].map((id) => ({ id })) })
          yield* releases(
            { id: "r1", of: Object.fromEntries(all.map((id) => [id, "complete"])), developers: ["p2"] },
            { id: "r2", of: { v1: "trial" }, developers: ["p2", "p1"] },
            { id: "r3", of: { v1: "complete" }, developers: ["p3"], row: { official: false } }
          )
          yield* put({ releases_producers: [{ id: "r1", pid: "p4", developer: false, publisher: true }] })
          yield* DeriveService.figures("all")
          assert.deepInclude(yield* figuresOf("v1"), { developers: ["p1", "p2"] })
          assert.deepInclude(yield* figuresOf("v30"), { developers: ["p2"] })
        }))

      const cover = (votes: number, row: object = {}, image: object = {}, more: object = {}) => ({
        votes,
        row,
        image,
        more
      })
      // The first of each should win although the other has the lower id.
      const contests = [
        ["more votes", cover(1), cover(0)],
        ["a patch counts three less", cover(0), cover(2, { patch: true })],
        ["but may win", cover(4, { patch: true }), cover(0)],
        ["another language counts three less", cover(0), cover(2, {}, {}, { langs: ["en"] })],
        ["so does an image that is not for the language", cover(0), cover(2, {}, { lang: ["en"] })],
        ["and a machine translation", cover(0), cover(2, {}, {}, { langs: ["en"], mtl: ["ja"] })],
        ["and an image of a bundle", cover(0), cover(2, {}, {}, { bundle: true })],
        ["the original language", cover(0), cover(3, {}, {}, { langs: ["en"] })],
        ["no patch", cover(0), cover(3, { patch: true })],
        ["no bundle", cover(0), cover(3, {}, {}, { bundle: true })],
        ["complete", cover(0), cover(0, {}, {}, { rtype: "partial" })],
        ["partial", cover(0, {}, {}, { rtype: "partial" }), cover(0, {}, {}, { rtype: "trial" })],
        ["the newest", cover(0, { released: 20_210_101 }), cover(0)],
        ["for this one", cover(0, {}, { vid: "this" }), cover(0)],
        ["a front of a package", cover(0), cover(0, {}, { itype: "dig" })]
      ] as const

      it.effect("1.12.4 the cover is the front with the most votes, then by a fixed order of what it is of", () =>
        Effect.gen(function*() {
          for (const [why, better, other] of contests) {
            yield* reset
            yield* vns({ id: "v1" }, { id: "v2" })
            yield* users(5)
            yield* put({ images: [{ id: "cv9" }, { id: "cv10" }, { id: "cv1" }] })
            for (const [at, { image, more, row }] of [better, other].entries()) {
              const { bundle = false, rtype = "complete", ...rest } = more as { bundle?: boolean; rtype?: string }
              const vid = "vid" in image ? { vid: "v1" } : {}
              yield* releases({
                id: `r${at + 1}`,
                of: { v1: rtype, ...(bundle ? { v2: "complete" } : {}) },
                row,
                images: [{ img: at === 0 ? "cv10" : "cv9", ...image, ...vid }],
                ...rest
              })
            }
            yield* put({
              vn_image_votes: [[better, "cv10"] as const, [other, "cv9"] as const].flatMap(([{ votes }, img]) =>
                Array.from({ length: votes }, (_, at) => ({ vid: "v1", uid: `u${at + 1}`, img }))
              )
            })
            yield* DeriveService.figures(["v1"])
            assert.strictEqual(
              (yield* select<{ cover: string }>("select cover from vn_stats where id = 'v1'"))[0]?.cover,
              "cv10",
              why
            )
          }
        }))

      it.effect("1.12.4 of equal ones the lowest number; backs, unofficial ones and those of another are none; then the old one", () =>
        Effect.gen(function*() {
          yield* reset
          yield* vns({ id: "v1" }, { id: "v2" })
          yield* put({ images: ["cv1", "cv2", "cv3", "cv9", "cv10"].map((id) => ({ id })) })
          yield* releases({
            id: "r1",
            of: { v1: "complete", v2: "complete" },
            images: [{ img: "cv10" }, { img: "cv9" }]
          })
          const covers = Effect.map(
            Effect.andThen(
              DeriveService.figures("all"),
              select<{ cover: string | null }>("select cover from vn_stats order by id")
            ),
            (rows) => rows.map(({ cover }) => cover)
          )
          assert.deepStrictEqual(yield* covers, ["cv9", "cv9"])
          yield* select("update releases_images set vid = 'v2'")
          assert.deepStrictEqual(yield* covers, [null, "cv9"])
          yield* select("update vn set image = 'cv1'")
          assert.deepStrictEqual(yield* covers, ["cv1", "cv9"])
          yield* select("update releases set official = false")
          assert.deepStrictEqual(yield* covers, ["cv1", "cv1"])
          yield* select("update releases set official = true")
          yield* select("update releases_images set itype = 'pkgback', vid = null")
          assert.deepStrictEqual(yield* covers, ["cv1", "cv1"])
        }))

      it.effect("1.12.5 average and rating, of votes that count, from five votes on", () =>
        Effect.gen(function*() {
          yield* reset
          yield* vns({ id: "v1" }, { id: "v2" }, { id: "v3" }, { id: "v4" })
          yield* users(106)
          yield* select("update users set ign_votes = true where id = 'u106'")
          yield* select("update users set deleted_at = now(), deleted_by = 'x' where id = 'u105'")
          const given = (vid: string, votes: ReadonlyArray<number>) =>
            votes.map((vote, at) => ({ vid, uid: `u${at + 1}`, vote }))
          yield* put({
            ulist_vns: [
              ...given("v1", [90, 90, 90, 90, 90]),
              ...given("v2", Array.from({ length: 100 }, () => 50)),
              ...given("v3", [68, 70, 71, 71]),
              { vid: "v3", uid: "u106", vote: 10 },
              { vid: "v3", uid: "u105", vote: 10 },
              { vid: "v3", uid: "u104", vote: null }
            ]
          })
          yield* DeriveService.figures("all")
          yield* DeriveService.votes("all")
          // The mean of the means 90, 50 and 70 is 70. v1: p = 7 * 0.95 = 6.65, (6.65 * 70 + 450) / 11.65 = 78.58.
          assert.deepStrictEqual(yield* votesOf("v1", "v2", "v3", "v4"), [
            [5, 900, 786],
            [100, 500, 500],
            [4, 700, null],
            [0, null, null]
          ])
          // One more vote of 90 for v3: (70 * 4 + 90) / 5 = 74, the mean of means is 71.33.
          yield* put({ ulist_vns: [{ vid: "v3", uid: "u5", vote: 90 }] })
          assert.sameMembers([...yield* DeriveService.votes(["v3"])], ["v3", "v1"])
          // v1: (6.65 * 71.333 + 450) / 11.65 = 79.34; v3: (6.65 * 71.333 + 370) / 11.65 = 72.48.
          assert.deepStrictEqual(yield* votesOf("v1", "v2", "v3"), [
            [5, 900, 793],
            [100, 500, 500],
            [5, 740, 725]
          ])
          yield* select("update vn set hidden = true where id = 'v3'")
          assert.sameMembers([...yield* DeriveService.votes([])], ["v3", "v1"])
          assert.deepStrictEqual(yield* votesOf("v1", "v3"), [[5, 900, 786], [5, null, null]])
        }))

      const many = (count: number, from: number, votecount: number, average: number) =>
        Array.from({ length: count }, (_, at) => dumped(`v${from + at}`, votecount, average))
      const rated = (rows: ReadonlyArray<{ readonly id: string }>) =>
        Effect.gen(function*() {
          yield* reset
          yield* vns(...rows)
          yield* put({ vn_dumped: rows })
          yield* DeriveService.votes("all")
        })

      it.effect("1.12.5 below fifty votes the 102nd best of those with fifty or more is the highest rating", () =>
        Effect.gen(function*() {
          // With 101 there is no 102nd: a = (101 * 70 + 95) / 102 = 70.245, p = 7 * 0.51, (250.77 + 4655) / 52.57 = 93.32.
          yield* rated([...many(101, 1, 100, 70), dumped("v500", 49, 95)])
          assert.deepStrictEqual(yield* votesOf("v500"), [[49, 950, 933]])
          // The 102nd has fifty votes of 60: a = 70.146, (3.5 * 70.146 + 3000) / 53.5 = 60.66.
          yield* rated([...many(101, 1, 100, 70), dumped("v500", 49, 95), dumped("v501", 50, 60)])
          assert.deepStrictEqual(yield* votesOf("v500", "v501", "v1"), [[49, 950, 607], [50, 600, 607], [
            100,
            700,
            700
          ]])
          // It is a bound, not the rating.
          yield* rated([...many(102, 1, 100, 70), dumped("v500", 49, 40)])
          assert.deepStrictEqual(yield* votesOf("v500"), [[49, 400, 420]])
        }))

      it.effect("1.12.5 below a hundred votes it is the 52nd best of those with a hundred or more", () =>
        Effect.gen(function*() {
          // a = (51 * 70 + 95) / 52 = 70.48, p = 0.07, (0.07 * 70.48 + 9405) / 99.07 = 94.98.
          yield* rated([...many(51, 1, 100, 70), dumped("v500", 99, 95)])
          assert.deepStrictEqual(yield* votesOf("v500"), [[99, 950, 950]])
          yield* rated([
            ...many(52, 1, 100, 70),
            dumped("v500", 99, 95),
            dumped("v501", 100, 95),
            dumped("v502", 50, 95)
          ])
          assert.deepStrictEqual(yield* votesOf("v500", "v501", "v502"), [
            [99, 950, 700],
            [100, 950, 950],
            [50, 950, 700]
          ])
        }))

      it.effect("1.12.6 the length is the median of votes that count, a quarter up or down by the speed of reading", () =>
        Effect.gen(function*() {
          yield* reset
          yield* vns({ id: "v1" }, { id: "v2" })
          yield* users(6)
          yield* select("update users set perm_lengthvote = false where id = 'u6'")
          const vote = (uid: string | null, length: number, speed: number | null, vid = "v1") => ({
            uid,
            vid,
            length,
            speed
          })
          const lengths = Effect.map(
            Effect.andThen(
              DeriveService.figures("all"),
              select<{ length: number | null; lengthnum: number }>("select length, lengthnum from vn_stats order by id")
            ),
            (rows) => rows.map(({ length, lengthnum }) => [length, lengthnum])
          )
          yield* put({ vn_length_votes: [vote("u1", 5000, null), vote("u6", 5000, 1)] })
          assert.deepStrictEqual(yield* lengths, [[null, 0], [null, 0]])
          // 603 read slowly is 603 - 150 = 453, 601 read fast is 601 + 150 = 751.
          yield* put({ vn_length_votes: [vote("u2", 603, 0), vote("u3", 601, 2), vote("u4", 600, 1)] })
          assert.deepStrictEqual(yield* lengths, [[600, 3], [null, 0]])
          yield* put({ vn_length_votes: [vote(null, 800, 1), vote("u1", 26_159, 2, "v2")] })
          assert.deepStrictEqual(yield* lengths, [[676, 4], [32_698, 1]])
          yield* select("update vn set devstatus = 1")
          assert.deepStrictEqual(yield* lengths, [[null, 0], [null, 0]])
          yield* select("update vn set devstatus = 2")
          assert.deepStrictEqual(yield* lengths, [[676, 4], [32_698, 1]])
        }))

      it.effect("1.12.7 tags as voted: who is counted, how much it applies, what it gives away, whether it is a lie", () =>
        Effect.gen(function*() {
          yield* reset
          yield* vns({ id: "v1" })
          yield* users(10)
          yield* select("update users set perm_tag = false where id = 'u10'")
          yield* put({
            tags: [
              ...[1, 2, 3, 4, 5, 6, 9, 10, 11].map((at) => ({ id: `g${at}` })),
              { id: "g7", defaultspoil: 2 },
              { id: "g8", hidden: true }
            ]
          })
          type Vote = readonly [vote: number, spoiler?: number | null, lie?: boolean | null]
          const votes = (tag: string, ...given: ReadonlyArray<Vote>) =>
            given.map(([vote, spoiler = null, lie = null], at) => ({
              tag,
              vid: "v1",
              uid: `u${at + 1}`,
              vote,
              spoiler,
              lie
            }))
          const alike = (count: number, spoiler: number): ReadonlyArray<Vote> =>
            Array.from({ length: count }, () => [1, spoiler])
          yield* put({
            tags_vn: [
              ...votes("g1", [3, null, true], [2, null, false], [1, 1]),
              ...votes("g2", [-1], [-3]),
              ...votes("g3", [3], [-1]),
              ...votes("g4", [3, 2, false], [3, 1, false], [-1, 1, true]),
              ...votes("g5", [3]).map((vote) => ({ ...vote, ignore: true })),
              { tag: "g6", vid: "v1", uid: "u10" },
              ...[1, 1, 1, 2, -1].map((vote) => ({ tag: "g7", vid: "v1", uid: null, vote })),
              ...votes("g8", [3]),
              ...votes("g9", ...alike(3, 0), ...alike(2, 1)),
              ...votes("g10", ...alike(6, 1), ...alike(3, 2)),
              { tag: "g10", vid: "v1", uid: null, vote: 1, spoiler: 1 },
              ...votes("g11", [1], [2]),
              { tag: "g11", vid: "v1", uid: "u10", vote: -3, spoiler: 2 },
              { tag: "g11", vid: "v1", uid: "u9", vote: -3, spoiler: 2, ignore: true }
            ]
          })
          yield* DeriveService.tags("all")
          assert.deepStrictEqual(yield* tagsOf("tags_vn_direct", "v1"), [
            // Spoilers: an average of 1. As many true as false.
            ["g1", 2, 1, true],
            // 3 * (2 - 1) / 3; an average of 1.33; more false than true.
            ["g4", 1, 2, false],
            // 1.25 * (4 - 1) / 5; nobody says anything of spoilers.
            ["g7", 0.75, 2, false],
            // Averages of 0.4 and 1.3 are not above.
            ["g9", 1, 0, false],
            ["g10", 1, 1, false],
            ["g11", 1.5, 0, false]
          ])
        }))

      it.effect("1.12.8 tags are inherited by every way up, fifteen steps, through those that cannot be searched for", () =>
        Effect.gen(function*() {
          yield* reset
          yield* vns({ id: "v1" }, { id: "v2" }, { id: "v3" })
          yield* users(2)
          const chain = Array.from({ length: 17 }, (_, at) => `g${100 + at}`)
          const seven = Array.from({ length: 8 }, (_, at) => `g${20 + at}`)
          const links = (ids: ReadonlyArray<string>) => ids.slice(1).map((parent, at) => ({ id: ids[at], parent }))
          yield* put({
            tags: ["g10", "g11", "g12", "g13", ...seven, ...chain].map((id) => ({ id, searchable: id !== "g23" })),
            tags_parents: [
              { id: "g10", parent: "g11" },
              { id: "g10", parent: "g12" },
              { id: "g11", parent: "g13" },
              { id: "g12", parent: "g13" },
              ...links(seven),
              ...links(chain)
            ],
            tags_vn: [
              { tag: "g10", vid: "v1", uid: "u1", vote: 2, spoiler: 2, lie: true },
              { tag: "g11", vid: "v1", uid: "u1", vote: 1, spoiler: 1 },
              { tag: "g20", vid: "v2", uid: "u1", vote: 3, spoiler: 1, lie: true },
              { tag: "g100", vid: "v3", uid: "u1", vote: 3 }
            ]
          })
          yield* DeriveService.tags("all")
          assert.deepStrictEqual(yield* tagsOf("tags_vn_inherit", "v1"), [
            ["g10", 2, 2, true],
            // From g10 and itself.
            ["g11", 1.5, 1, false],
            ["g12", 2, 2, true],
            // From g10 by two ways and from g11: (2 + 2 + 1) / 3.
            ["g13", 1.667, 1, false]
          ])
          assert.deepStrictEqual(
            yield* tagsOf("tags_vn_inherit", "v2"),
            seven.filter((id) => id !== "g23").map((id) => [id, 3, 1, true])
          )
          assert.deepStrictEqual((yield* tagsOf("tags_vn_inherit", "v3")).map(([id]) => id), chain.slice(0, 16))
          const counts = yield* select<{ id: string; items: number }>("select id, items from tag_stats")
          const countOf = (id: string) => counts.find((one) => one.id === id)?.items
          assert.deepStrictEqual(["g10", "g13", "g23", "g27", "g116"].map(countOf), [1, 1, 0, 1, 0])
          yield* select("update vn set hidden = true where id = 'v2'")
          yield* DeriveService.tags(["v2"])
          assert.deepStrictEqual(yield* tagsOf("tags_vn_inherit", "v2"), [])
          assert.deepStrictEqual(yield* select("select items from tag_stats where id = 'g27'"), [{ items: 0 }])
        }))

      it.effect("1.12.9 traits are inherited with the least spoiler, a lie only if by every way", () =>
        Effect.gen(function*() {
          yield* reset
          yield* put({
            traits: ["i1", "i2", "i3", "i4", "i5"].map((id) => ({ id, searchable: id !== "i3" })),
            traits_parents: [
              { id: "i1", parent: "i3" },
              { id: "i2", parent: "i3" },
              { id: "i3", parent: "i4" }
            ],
            chars: [{ id: "c1" }, { id: "c2" }, { id: "c3", hidden: true }],
            chars_traits: [
              { id: "c1", tid: "i1", spoil: 2, lie: true },
              { id: "c1", tid: "i2", spoil: 1, lie: false },
              { id: "c2", tid: "i1", spoil: 2, lie: true },
              { id: "c3", tid: "i1" }
            ]
          })
          yield* DeriveService.traits("all")
          assert.deepStrictEqual(
            (yield* select<{ cid: string; tid: string; spoil: number; lie: boolean }>(
              "select * from traits_chars order by cid, tid"
            )).map(({ cid, lie, spoil, tid }) => [cid, tid, spoil, lie]),
            [
              ["c1", "i1", 2, true],
              ["c1", "i2", 1, false],
              ["c1", "i4", 1, false],
              ["c2", "i1", 2, true],
              ["c2", "i4", 2, true]
            ]
          )
          const counts = yield* select<{ items: number }>("select items from trait_stats order by id")
          assert.deepStrictEqual(counts.map(({ items }) => items), [2, 1, 0, 2, 0])
        }))

      it.effect("1.12.10 flags of images are the mean of votes, of people with more than thirty where there are such", () =>
        Effect.gen(function*() {
          yield* reset
          yield* users(4)
          const more = Array.from({ length: 30 }, (_, at) => `sf${at + 1}`)
          yield* put({ images: ["cv1", "cv2", "cv3", "cv4", "cv5", ...more].map((id) => ({ id })) })
          const vote = (id: string, uid: string | null, sexual: number, violence = 0) => ({ id, uid, sexual, violence })
          yield* put({
            image_votes: [
              // u1 has 31 votes, u2 has 30.
              ...more.map((id) => vote(id, "u1", 0)),
              ...more.slice(2).map((id) => ({ ...vote(id, "u2", 2), ignore: true })),
              vote("cv1", "u1", 0, 1),
              vote("cv1", "u2", 2, 2),
              vote("cv1", null, 2, 2),
              vote("cv2", "u2", 2),
              vote("cv2", "u3", 1, 1),
              vote("cv2", null, 1, 1),
              { ...vote("cv3", "u3", 1), ignore: true },
              vote("cv5", null, 1),
              vote("cv5", null, 2)
            ]
          })
          yield* DeriveService.flags("all")
          assert.deepStrictEqual<unknown>(
            yield* select(
              `select id, votecount as n, sexual_avg as s, sexual_stddev as sd, violence_avg as v, violence_stddev as vd
                from image_stats where id like 'cv%' order by id`
            ),
            [
              { id: "cv1", n: 1, s: 0, sd: 0, v: 100, vd: 0 },
              // 2, 1, 1 and 0, 1, 1.
              { id: "cv2", n: 3, s: 133, sd: 47, v: 67, vd: 47 },
              { id: "cv5", n: 2, s: 150, sd: 50, v: 0, vd: 0 }
            ]
          )
        }))

      it.effect("1.5 a character's name is shown in the language of what they appear in: shown before hidden, earlier first", () =>
        Effect.gen(function*() {
          yield* reset
          yield* vns(
            { id: "v1", olang: "en" },
            { id: "v2", olang: "ko" },
            { id: "v3", olang: "de" },
            { id: "v4", olang: "fr" }
          )
          yield* releases(
            { id: "r1", of: { v1: "complete" }, row: { released: 20_200_101 } },
            { id: "r2", of: { v2: "complete" }, row: { released: 20_100_101 } },
            { id: "r3", of: { v3: "complete" }, row: { released: 20_000_101 } }
          )
          yield* select("update vn set hidden = true where id = 'v3'")
          yield* put({
            chars: ["c1", "c2", "c3", "c4", "c5"].map((id) => ({ id })),
            chars_names: ["ja", "en", "ko", "de"].flatMap((lang) =>
              ["c1", "c2", "c3", "c4"].map((id) => ({ id, lang }))
            ),
            chars_vns: [
              { id: "c1", vid: "v1" },
              { id: "c1", vid: "v2" },
              { id: "c1", vid: "v3" },
              { id: "c2", vid: "v3" },
              { id: "c2", vid: "v1" },
              { id: "c3", vid: "v3" },
              { id: "c4", vid: "v4" }
            ]
          })
          yield* DeriveService.figures("all")
          yield* DeriveService.languages("all")
          const shown = yield* select<{ id: string; lang: string }>("select id, lang from char_stats order by id")
          assert.deepStrictEqual(shown.map(({ id, lang }) => [id, lang]), [
            ["c1", "ko"],
            ["c2", "en"],
            ["c3", "de"],
            // None of its languages: the first.
            ["c4", "de"]
          ])
          yield* select("update releases set released = 20050101 where id = 'r1'")
          yield* DeriveService.figures(["v1"])
          assert.deepStrictEqual(yield* DeriveService.languages(["c1", "c2"]), ["c1"])
        }))
    })
  })
}
