import { assert, describe, layer } from "@effect/vitest"
import { Fault, Principal } from "@kanau/core"
import { Consumer, EmbeddedBus } from "@kanau/messaging"
import { EventLog, PgInbox, PgViewStore } from "@kanau/postgres"
import { Effect, Layer, Ref, Result, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { vi } from "vitest"
import { putAttributes } from "../src/accounts/entities/Accounts.ts"
import { removeTraces } from "../src/community/hooks/RemoveTraces.ts"
import * as Act from "../src/community/operations.ts"
import { Community, Wiki } from "../src/index.ts"
import { fromHeader } from "../src/kana/Token.ts"
import * as Do from "../src/wiki/operations/entries.ts"
import * as Transitions from "../src/wiki/operations/transitions.ts"
import { databases, events, reset } from "./databases.ts"
import * as World from "./world.ts"

const { process: wiki } = Wiki.service
const { process } = Community.service

const as = (name: string) => Effect.provideService(Principal.Principal, { name })
const tagOf = (fault: unknown) => Fault.isFault(fault) ? fault._tag : "no fault"
const refused = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.map(Effect.flip(effect), tagOf)
const isInput = (make: () => unknown) => {
  try {
    make()
    return true
  } catch {
    return false
  }
}

/** Types of the events of `effect`, with the ids they are about. */
const eventsOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const before = yield* events
    yield* effect
    return (yield* events).slice(before.length).map(({ data, type }) =>
      [type, data["id"] ?? [data["vns"], data["releases"]]] as const
    )
  })

const listChanged = (vns: ReadonlyArray<string>, releases: ReadonlyArray<string> = []) =>
  ["vndb.list.changed", [vns, releases]] as const

/** Two visual novels with a release each, two tags, three images; ada has been here before. */
const prepare = Effect.gen(function*() {
  yield* reset
  const sql = yield* SqlClient.SqlClient
  yield* sql`insert into images values ('cv1', 256, 400), ('cv2', 256, 400), ('ch1', 256, 300)`
  const titles = [{ lang: "ja", official: true, title: "Glass", latin: null }]
  const { id: vid } = yield* wiki(new Do.CreateVn({ olang: "ja", titles }))
  const { id: other } = yield* wiki(new Do.CreateVn({ olang: "ja", titles }))
  const release = (of: string, img: string) =>
    wiki(
      new Do.CreateRelease({
        olang: "ja",
        titles: [{ lang: "ja", mtl: false, title: "Box", latin: null }],
        vns: [{ vid: of, rtype: "complete" }],
        released: 20200101,
        images: [{ img, vid: null, itype: "pkgfront", lang: null }]
      })
    )
  const { id: rid } = yield* release(vid, "cv1")
  const { id: second } = yield* release(vid, "cv2")
  const { id: foreign } = yield* release(other, "cv2")
  const { id: tag } = yield* wiki(new Do.CreateTag({ name: "Garden", cat: "cont" }))
  const { id: heading } = yield* wiki(new Do.CreateTag({ name: "Setting", cat: "cont", applicable: false }))
  yield* process(new Act.RemoveLengthVotes({ id: vid })).pipe(as("ada"))
  const [ada] = yield* sql<{ uid: string }>`select uid from accounts where name = 'ada'`
  return { sql, vid, other, rid, second, foreign, tag, heading, uid: ada?.uid ?? "" }
})

const row = (uid: string, vid: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`select vote, notes, started::text, finished::text, to_json(labels) as labels, vote_date is not null as voted
        from ulist_vns where uid = ${uid} and vid = ${vid}`,
      (rows) => rows[0]
    ))

const needs = Layer.mergeAll(PgInbox.layer, PgViewStore.layer, EmbeddedBus.layer({ file: ":memory:" }))

for (const database of databases) {
  describe(`Community on ${database.name}`, () => {
    layer(Layer.provideMerge(needs, database.layer), { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect("NV-8 the first thing somebody does makes them a user, once, by the name of the account if it is free", () =>
        Effect.gen(function*() {
          const { sql, vid } = yield* prepare
          yield* sql`insert into users (id, ign_votes, perm_imgvote, perm_tag, perm_lengthvote, username)
            values ('u3', false, true, true, true, 'BOB')`
          const first = yield* eventsOf(
            Effect.all([10, 50, 100].map((vote) => process(new Act.SetListEntry({ id: vid, vote })).pipe(as("bob"))), {
              concurrency: 3
            })
          )
          assert.strictEqual(first.filter(([type]) => type === "vndb.user.changed").length, 1)
          const users = yield* sql<{ id: string; username: string | null }>`select u.id, username from users u
            join accounts a on a.uid = u.id where a.name = 'bob'`
          assert.deepStrictEqual(users.map(({ username }) => username), [null])
          assert.match(users[0]?.id ?? "", /^u5\d{6}$/)
        }))

      it.effect("NV-8 what is said of a visual novel stays as it is where nothing new is said; label 7 follows the vote", () =>
        Effect.gen(function*() {
          const { other, uid, vid } = yield* prepare
          const set = (what: Omit<ConstructorParameters<typeof Act.SetListEntry>[0], "id">) =>
            process(new Act.SetListEntry({ id: vid, ...what })).pipe(as("ada"))
          assert.deepStrictEqual(yield* eventsOf(set({ notes: "first" })), [listChanged([vid])])
          assert.deepStrictEqual(yield* eventsOf(set({ vote: 85, labels: [2, 1] })), [
            listChanged([vid]),
            ["vndb.vn.voted", vid]
          ])
          assert.deepStrictEqual(yield* row(uid, vid), {
            vote: 85,
            notes: "first",
            started: null,
            finished: null,
            labels: [1, 2, 7],
            voted: true
          })
          assert.deepStrictEqual(yield* eventsOf(set({ vote: 85 })), [listChanged([vid])])
          yield* set({ labels_set: [5], labels_unset: [1, 6], started: "2024-02-29", finished: "2024-03-01" })
          assert.deepInclude(yield* row(uid, vid), {
            labels: [2, 5, 7],
            started: "2024-02-29",
            finished: "2024-03-01",
            vote: 85
          })
          yield* set({ started: null, notes: "" })
          assert.deepInclude(yield* row(uid, vid), { started: null, finished: "2024-03-01", notes: "" })
          assert.deepStrictEqual(yield* eventsOf(set({ vote: null })), [listChanged([vid]), ["vndb.vn.voted", vid]])
          assert.deepInclude(yield* row(uid, vid), { vote: null, labels: [2, 5], voted: false })
          assert.isUndefined(yield* row(uid, other))
        }))

      it.effect("NV-8 votes are 10 to 100, days are days, labels are one's own, and label 7 is not set by hand", () =>
        Effect.gen(function*() {
          const { sql, uid, vid } = yield* prepare
          for (
            const wrong of [
              { vote: 9 },
              { vote: 101 },
              { vote: 55.5 },
              { started: "2023-02-29" },
              { started: "2023-2-1" },
              { started: "0000-01-01" },
              { finished: "2023-04-31" },
              { labels: [7] },
              { labels_set: [7] },
              { labels_unset: [7] },
              { labels: [0] },
              { notes: "\0" }
            ]
          ) assert.isFalse(isInput(() => new Act.SetListEntry({ id: vid, ...wrong })), JSON.stringify(wrong))
          yield* process(new Act.PutLabel({ id: 10, label: "Bob's", private: true })).pipe(as("bob"))
          const before = yield* events
          const cases = [
            [new Act.SetListEntry({ id: vid, labels: [10] }), "InconsistentEntry"],
            [new Act.SetListEntry({ id: vid, labels_set: [12] }), "InconsistentEntry"],
            [new Act.SetListEntry({ id: "v999999", vote: 80 }), "EntryNotFound"]
          ] as const
          for (const [input, fault] of cases) {
            assert.strictEqual(yield* refused(process(input).pipe(as("ada"))), fault)
          }
          yield* wiki(new Transitions.HideEntry({ id: vid }))
          assert.strictEqual(
            yield* refused(process(new Act.SetListEntry({ id: vid, vote: 80 })).pipe(as("ada"))),
            "EntryNotFound"
          )
          assert.deepStrictEqual((yield* events).slice(before.length).map(({ type }) => type), ["vndb.vn.edited"])
          assert.lengthOf(yield* sql`select from ulist_vns where uid = ${uid}`, 0)
        }))

      it.effect("NV-8 taking off a list what is not on it is no error and no event", () =>
        Effect.gen(function*() {
          const { rid, uid, vid } = yield* prepare
          const remove = process(new Act.RemoveListEntry({ id: vid })).pipe(as("ada"))
          const removeStatus = process(new Act.RemoveReleaseStatus({ id: rid })).pipe(as("ada"))
          assert.deepStrictEqual(yield* eventsOf(remove), [])
          yield* process(new Act.SetListEntry({ id: vid, vote: 70 })).pipe(as("ada"))
          yield* process(new Act.SetListEntry({ id: vid, vote: 90 })).pipe(as("bob"))
          assert.deepStrictEqual(yield* eventsOf(remove), [listChanged([vid]), ["vndb.vn.voted", vid]])
          assert.deepStrictEqual(yield* eventsOf(remove), [])
          assert.isUndefined(yield* row(uid, vid))
          yield* process(new Act.SetListEntry({ id: vid, notes: "x" })).pipe(as("ada"))
          assert.deepStrictEqual(yield* eventsOf(remove), [listChanged([vid])])
          const status = (status: number) => process(new Act.SetReleaseStatus({ id: rid, status })).pipe(as("ada"))
          assert.deepStrictEqual(yield* eventsOf(removeStatus), [])
          assert.deepStrictEqual(yield* eventsOf(status(1)), [listChanged([], [rid])])
          assert.deepStrictEqual(yield* eventsOf(status(4)), [listChanged([], [rid])])
          assert.deepStrictEqual(yield* eventsOf(removeStatus), [listChanged([], [rid])])
          assert.deepStrictEqual(yield* eventsOf(removeStatus), [])
          assert.isFalse(isInput(() => new Act.SetReleaseStatus({ id: rid, status: 5 })))
          assert.strictEqual(
            yield* refused(process(new Act.SetReleaseStatus({ id: "r999999", status: 1 })).pipe(as("ada"))),
            "EntryNotFound"
          )
        }))

      it.effect("NV-8 what somebody does in many places at once happens one after another: nothing is lost", () =>
        Effect.gen(function*() {
          const { uid, vid } = yield* prepare
          yield* process(new Act.PutLabel({ id: 10, label: "Mine", private: false })).pipe(as("ada"))
          const labels = [1, 2, 3, 4, 5, 6]
          const sets = labels.map((label) =>
            process(new Act.SetListEntry({ id: vid, labels_set: [label] })).pipe(as("ada"))
          )
          yield* Effect.all(sets, { concurrency: "unbounded" })
          assert.deepInclude(yield* row(uid, vid), { labels })
        }))

      it.effect("NV-8 days are those of UTC, wherever the process runs", () =>
        Effect.gen(function*() {
          const { rid, sql, tag, vid } = yield* prepare
          const late = TestClock.setTime(Date.parse("2026-01-31T22:30:00Z"))
          const acts = Effect.forEach([
            new Act.SetListEntry({ id: vid, vote: 80 }),
            new Act.SetReleaseStatus({ id: rid, status: 1 }),
            new Act.VoteTags({ id: vid, votes: [{ tag, vote: 1 }] }),
            new Act.VoteImage({ id: "ch1", sexual: 0, violence: 0 }),
            new Act.VoteLength({ id: vid, length: 60, speed: 1, releases: [rid] })
          ], (input) => process(input))
          yield* Effect.acquireUseRelease(
            Effect.sync(() => vi.stubEnv("TZ", "Asia/Tokyo")),
            () => Effect.andThen(late, acts).pipe(as("ada"), Effect.provide(TestClock.layer())),
            () => Effect.sync(() => vi.unstubAllEnvs())
          )
          const days = yield* sql<{ day: string }>`select added::text as day from ulist_vns
            union all select vote_date::text from ulist_vns union all select added::text from rlists
            union all select date::text from tags_vn union all select date::text from image_votes
            union all select date::text from vn_length_votes`
          assert.deepStrictEqual(days.map(({ day }) => day), Array.from({ length: 6 }, () => "2026-01-31"))
        }))

      it.effect("NV-8 labels have names of their own, are private or not, go from the list too, and there is a limit", () =>
        Effect.gen(function*() {
          const { sql, uid, vid } = yield* prepare
          const put = (id: number, label: string, hidden = false, who = "ada") =>
            process(new Act.PutLabel({ id, label, private: hidden })).pipe(as(who))
          for (const wrong of [{ id: 9, label: "x" }, { id: 10, label: "" }, { id: 10, label: "\0" }]) {
            assert.isFalse(isInput(() => new Act.PutLabel({ ...wrong, private: false })))
          }
          yield* put(10, "Mine")
          assert.strictEqual(yield* refused(put(11, "Mine")), "InconsistentEntry")
          assert.strictEqual(yield* refused(put(11, "Playing")), "InconsistentEntry")
          yield* put(10, "Mine", false, "bob")
          yield* process(new Act.SetListEntry({ id: vid, labels: [10, 3] })).pipe(as("ada"))
          assert.deepStrictEqual(yield* eventsOf(put(10, "Secret", true)), [listChanged([vid])])
          assert.deepStrictEqual(
            yield* sql`select id, label, private from ulist_labels where uid = ${uid} and id >= 10`,
            [
              { id: 10, label: "Secret", private: true }
            ]
          )
          const remove = process(new Act.RemoveLabel({ id: 10 })).pipe(as("ada"))
          assert.deepStrictEqual(yield* eventsOf(remove), [listChanged([vid])])
          assert.deepStrictEqual(yield* eventsOf(remove), [])
          assert.deepInclude(yield* row(uid, vid), { labels: [3] })
          for (let id = 10; id < 60; id++) yield* put(id, `Label ${id}`)
          assert.strictEqual(yield* refused(put(60, "One more")), "InconsistentEntry")
          yield* put(59, "Renamed")
          yield* putAttributes({ name: "ada", attributes: { sponsorship: "backup_sponsor" }, at: new Date(0) })
          yield* put(60, "One more")
        }))

      it.effect("NV-8 tags are voted for, changed and taken back with zero; headings are not voted for", () =>
        Effect.gen(function*() {
          const { heading, sql, tag, uid, vid } = yield* prepare
          const vote = (...votes: (typeof Act.VoteTags)["Type"]["votes"]) =>
            process(new Act.VoteTags({ id: vid, votes })).pipe(as("ada"))
          const held = sql`select tag, vote, spoiler, lie, notes, ignore from tags_vn where uid = ${uid}`
          assert.deepStrictEqual(yield* eventsOf(vote({ tag, vote: 2, spoiler: 1, lie: true, notes: "n" })), [
            ["vndb.vn.tagged", vid]
          ])
          assert.deepStrictEqual(yield* held, [{ tag, vote: 2, spoiler: 1, lie: true, notes: "n", ignore: false }])
          yield* vote({ tag, vote: -3 })
          assert.deepStrictEqual(yield* held, [{ tag, vote: -3, spoiler: null, lie: null, notes: "", ignore: false }])
          assert.strictEqual(yield* refused(vote({ tag, vote: 1 }, { tag: heading, vote: 1 })), "InconsistentEntry")
          assert.strictEqual(yield* refused(vote({ tag: "g99999", vote: 1 })), "InconsistentEntry")
          assert.isFalse(isInput(() => new Act.VoteTags({ id: vid, votes: [{ tag, vote: 1 }, { tag, vote: 2 }] })))
          assert.isFalse(isInput(() => new Act.VoteTags({ id: vid, votes: [{ tag, vote: 4 }] })))
          yield* vote({ tag, vote: 0 }, { tag: heading, vote: 0 })
          assert.deepStrictEqual(yield* held, [])
          assert.strictEqual(
            yield* refused(process(new Act.VoteTags({ id: "v99999", votes: [] })).pipe(as("ada"))),
            "EntryNotFound"
          )
        }))

      it.effect("NV-8 an image has one vote of each; the thirty-first vote of somebody changes all their images", () =>
        Effect.gen(function*() {
          const { sql, uid } = yield* prepare
          const vote = (id: string, sexual = 0) =>
            process(new Act.VoteImage({ id, sexual, violence: 2 })).pipe(as("ada"))
          assert.deepStrictEqual(yield* eventsOf(vote("ch1", 1)), [["vndb.image.voted", "ch1"]])
          yield* vote("ch1", 2)
          assert.deepStrictEqual(yield* sql`select id, sexual, violence from image_votes where uid = ${uid}`, [
            { id: "ch1", sexual: 2, violence: 2 }
          ])
          assert.strictEqual(yield* refused(vote("sf999")), "EntryNotFound")
          assert.isFalse(isInput(() => new Act.VoteImage({ id: "cv1", sexual: 3, violence: 0 })))
          yield* sql`insert into images select 'sf' || n, 1, 1 from generate_series(1, 31) n`
          for (let at = 1; at < 30; at++) yield* vote(`sf${at}`)
          assert.lengthOf(yield* eventsOf(vote("sf29")), 1)
          assert.lengthOf(yield* eventsOf(vote("sf30")), 31)
          assert.lengthOf(yield* eventsOf(vote("sf31")), 1)
          assert.lengthOf(yield* eventsOf(vote("sf30")), 1)
        }))

      it.effect("NV-8 the length is voted on once for each set of releases, all of the visual novel", () =>
        Effect.gen(function*() {
          const { foreign, rid, second, sql, uid, vid } = yield* prepare
          const vote = (length: number, releases: ReadonlyArray<string>, more: object = {}) =>
            process(new Act.VoteLength({ id: vid, length, speed: 1, releases, ...more })).pipe(as("ada"))
          const changed: ReadonlyArray<unknown> = [["vndb.user.changed", uid], ["vndb.vn.measured", vid]]
          assert.deepStrictEqual<unknown>(yield* eventsOf(vote(600, [rid])), changed)
          yield* vote(900, [second, rid, second], { lang: ["ja"], notes: "both", speed: null })
          yield* vote(660, [rid])
          yield* vote(960, [second, rid, second])
          assert.deepStrictEqual(
            yield* sql`select length, speed, to_json(rid) as rid, to_json(lang) as lang from vn_length_votes
              where uid = ${uid} order by length`,
            [
              { length: 660, speed: 1, rid: [rid], lang: null },
              { length: 960, speed: 1, rid: [rid, second].toSorted(), lang: null }
            ]
          )
          assert.strictEqual(yield* refused(vote(600, [rid, foreign])), "InconsistentEntry")
          assert.strictEqual(yield* refused(vote(600, ["r99999"])), "InconsistentEntry")
          for (const wrong of [{ length: 0 }, { length: 26_160 }, { speed: 3 }, { releases: [] }]) {
            assert.isFalse(
              isInput(() => new Act.VoteLength({ id: vid, length: 1, speed: 1, releases: [rid], ...wrong }))
            )
          }
          const remove = process(new Act.RemoveLengthVotes({ id: vid })).pipe(as("ada"))
          assert.deepStrictEqual<unknown>(yield* eventsOf(remove), changed)
          assert.deepStrictEqual(yield* eventsOf(remove), [])
          assert.lengthOf(yield* sql`select from vn_length_votes`, 0)
        }))

      it.effect("NV-8 covers are chosen among the fronts of releases, exactly those that are named", () =>
        Effect.gen(function*() {
          const { other, sql, uid, vid } = yield* prepare
          const vote = (images: ReadonlyArray<string>, id = vid) =>
            process(new Act.VoteCover({ id, images })).pipe(as("ada"))
          const held = Effect.map(
            sql<{ img: string }>`select img from vn_image_votes where uid = ${uid} order by img`,
            (rows) => rows.map(({ img }) => img)
          )
          assert.deepStrictEqual(yield* eventsOf(vote(["cv2", "cv1", "cv2"])), [["vndb.vn.measured", vid]])
          assert.deepStrictEqual(yield* held, ["cv1", "cv2"])
          yield* vote(["cv2"])
          assert.deepStrictEqual(yield* held, ["cv2"])
          assert.strictEqual(yield* refused(vote(["cv2", "cv1"], other)), "InconsistentEntry")
          assert.deepStrictEqual(yield* held, ["cv2"])
          yield* vote([])
          assert.deepStrictEqual(yield* held, [])
        }))

      it.effect("NV-8 a token is shown once and kept as a digest; its owner alone makes it useless, once", () =>
        Effect.gen(function*() {
          const { sql, uid } = yield* prepare
          const made = yield* process(new Act.CreateToken({ listread: true, listwrite: false })).pipe(as("ada"))
          const kept = yield* sql<{ id: string }>`select id, uid, listread, listwrite from api_tokens`
          assert.deepStrictEqual<unknown>(kept, [{ id: made.id, uid, listread: true, listwrite: false }])
          assert.match(
            made.token,
            /^[a-z0-9]{4}-[a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{4}-[a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{4}$/
          )
          assert.strictEqual(Result.getOrThrow(fromHeader(`Token ${made.token}`)), made.id)
          const revoke = process(new Act.RevokeToken({ id: made.id }))
          assert.strictEqual(yield* refused(revoke.pipe(as("bob"))), "EntryNotFound")
          assert.deepStrictEqual(yield* eventsOf(revoke.pipe(as("ada"))), [["vndb.token.revoked", made.id]])
          assert.strictEqual(yield* refused(revoke.pipe(as("ada"))), "EntryNotFound")
        }))

      it.effect("NB-6 NB-7 deleting a user sets who and when at once, forgets the name, and is one event, once", () =>
        Effect.gen(function*() {
          const { sql, uid, vid } = yield* prepare
          const remove = process(new Act.DeleteUser({ id: uid })).pipe(as("mod"))
          assert.deepStrictEqual(yield* eventsOf(remove), [["vndb.user.deleted", uid]])
          assert.deepStrictEqual(
            yield* sql`select username, deleted_by, deleted_at is not null as deleted from users where id = ${uid}`,
            [{ username: null, deleted_by: "mod", deleted: true }]
          )
          const before = yield* events
          assert.deepInclude(before.at(-1)?.data, { id: uid, by: "mod" })
          assert.strictEqual(yield* refused(remove), "EntryNotFound")
          assert.strictEqual(yield* refused(process(new Act.DeleteUser({ id: "u1" }))), "EntryNotFound")
          assert.lengthOf(yield* events, before.length)
          assert.lengthOf(yield* sql`select from accounts where name = 'mod'`, 0, "moderators need no lists")
          for (const change of ["deleted_by = null", "deleted_at = null"]) {
            const failed = yield* Effect.exit(sql.unsafe(`update users set ${change} where id = '${uid}'`))
            assert.strictEqual(failed._tag, "Failure")
          }
          // Whoever comes back begins anew.
          yield* process(new Act.SetListEntry({ id: vid, vote: 50 })).pipe(as("ada"))
          assert.lengthOf(yield* sql`select from ulist_vns where uid = ${uid}`, 0)
          assert.lengthOf(yield* sql`select from ulist_vns`, 1)
        }))

      it.effect("NB-9 who leaves takes lists and names along by events: once however often told, and figures follow", () =>
        Effect.gen(function*() {
          const { rid, sql, tag, uid, vid } = yield* prepare
          const seen = yield* Ref.make(0)
          for (const who of ["ada", "bob"]) {
            yield* Effect.forEach([
              new Act.SetListEntry({ id: vid, vote: who === "ada" ? 100 : 50, labels: [1] }),
              new Act.SetReleaseStatus({ id: rid, status: 2 }),
              new Act.PutLabel({ id: 10, label: "Mine", private: true }),
              new Act.VoteTags({ id: vid, votes: [{ tag, vote: 3 }] }),
              new Act.VoteImage({ id: "ch1", sexual: 2, violence: 0 }),
              new Act.VoteLength({ id: vid, length: 600, speed: 1, releases: [rid] }),
              new Act.VoteCover({ id: vid, images: [who === "ada" ? "cv2" : "cv1"] }),
              new Act.CreateToken({ listread: true, listwrite: true })
            ], (input) => process(input).pipe(as(who)))
          }
          yield* World.settle(seen)
          const figures = sql`select votecount, average, lengthnum from vn_stats where id = ${vid}`
          assert.deepStrictEqual(yield* figures, [{ votecount: 2, average: 750, lengthnum: 2 }])
          yield* process(new Act.DeleteUser({ id: uid })).pipe(as("mod"))
          const before = (yield* events).length
          yield* World.settle(seen)
          const followed = (yield* events).slice(before).map(({ data, type }) => [type, data["id"] ?? data["user"]])
          for (
            const expected of [
              ["vndb.list.changed", uid],
              ["vndb.vn.voted", vid],
              ["vndb.vn.measured", vid],
              ["vndb.vn.tagged", vid],
              ["vndb.image.voted", "ch1"],
              ["vndb.vn.figures-derived", vid]
            ]
          ) assert.deepInclude(followed, expected)
          assert.deepStrictEqual(yield* figures, [{ votecount: 1, average: 500, lengthnum: 2 }])
          for (
            const [table, mine, all] of [
              ["ulist_vns", 0, 1],
              ["rlists", 0, 1],
              ["ulist_labels", 0, 8],
              ["api_tokens", 0, 1],
              ["vn_image_votes", 0, 1],
              // These stay, as nobody's.
              ["tags_vn", 0, 2],
              ["image_votes", 0, 2],
              ["vn_length_votes", 0, 2]
            ] as const
          ) {
            const rows = yield* sql.unsafe(`select count(*) filter (where uid = '${uid}')::int as mine,
              count(*)::int as all from ${table}`)
            assert.deepStrictEqual<unknown>(rows, [{ mine, all }], table)
          }
          const told = (yield* events).length
          const [handler] = removeTraces.handlers
          const all = yield* Stream.runCollect(EventLog.read({}))
          const again = all.find(({ type }) => type === "vndb.user.deleted")
          if (again === undefined || handler === undefined) return yield* Effect.die("nobody was told")
          yield* handler.process({ envelope: again, attempt: 2 }).pipe(
            Effect.provideService(Consumer.CurrentEnvelope, again)
          )
          assert.lengthOf(yield* events, told)
        }))
    })
  })
}
