/** A small wiki that changes at random, by the operations people have, and what follows from their events. */
import { Principal } from "@kanau/core"
import { Consumer } from "@kanau/messaging"
import { EventLog } from "@kanau/postgres"
import { Effect, Random, Ref, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { removeTraces } from "../src/community/hooks/RemoveTraces.ts"
import * as Act from "../src/community/operations.ts"
import { Community, DeriveService, Views, Wiki } from "../src/index.ts"
import { derive } from "../src/wiki/hooks/Derive.ts"
import * as Do from "../src/wiki/operations/entries.ts"
import * as Transitions from "../src/wiki/operations/transitions.ts"

const { process: wiki } = Wiki.service
const { process: act } = Community.service

const below = (count: number) => Random.nextIntBetween(0, count, { halfOpen: true })
const oneOf = <A>(values: ReadonlyArray<A>) => Effect.map(below(values.length), (at) => values[at] as A)
const chance = Effect.map(below(2), (n) => n === 0)
const someOf = <A>(values: ReadonlyArray<A>) => Effect.filter(values, () => chance)

const languages = ["en", "ja", "ko"]
const dates = [0, 20_200_101, 20_210_599, 20_229_999, 20_990_101, 99_999_999]

export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`insert into images select prefix || n, 300, 400 from (values ('cv'), ('ch'), ('sf')) as p(prefix), generate_series(1, 6) n`
  const many = <A extends { readonly id: string }, E, R>(count: number, one: (at: number) => Effect.Effect<A, E, R>) =>
    Effect.forEach(Array.from({ length: count }, (_, at) => at), (at) => Effect.map(one(at), ({ id }) => id))
  const tags = yield* many(7, (at) => wiki(new Do.CreateTag({ name: `Tag ${at}`, cat: "cont", defaultspoil: at % 3 })))
  const traits = yield* many(6, (at) => wiki(new Do.CreateTrait({ name: `Trait ${at}` })))
  const producers = yield* many(3, (at) => wiki(new Do.CreateProducer({ type: "co", lang: "ja", name: `Maker ${at}` })))
  const vns = yield* many(5, (at) =>
    wiki(
      new Do.CreateVn({
        olang: languages[at % 3] ?? "en",
        titles: languages.map((lang) => ({ lang, official: true, title: `Title ${at} ${lang}`, latin: null }))
      })
    ))
  const releases = yield* many(6, (at) =>
    wiki(
      new Do.CreateRelease({
        olang: "ja",
        titles: [{ lang: "ja", mtl: false, title: `Release ${at}`, latin: null }],
        vns: [{ vid: vns[at % 5] ?? "", rtype: "complete" }],
        released: dates[at % dates.length] ?? 0
      })
    ))
  const characters = yield* many(5, (at) =>
    wiki(
      new Do.CreateCharacter({
        names: languages.map((lang) => ({ lang, name: `Name ${at} ${lang}`, latin: null })),
        image: `ch${at + 1}`,
        vns: [{ vid: vns[at] ?? "", rid: null, role: "main", spoil: 0 }]
      })
    ))
  const staff = yield* many(3, (at) =>
    wiki(
      new Do.CreateStaff({
        lang: "ja",
        main: 0,
        aliases: [{ aid: 0, name: `Person ${at}`, latin: null }, { aid: -1, name: `Pen name ${at}`, latin: null }]
      })
    ))
  const quotes = yield* many(3, (at) => wiki(new Do.CreateQuote({ vid: vns[at] ?? "", quote: `Line ${at}` })))
  return { tags, traits, producers, vns, releases, characters, staff, quotes }
})

export type World = Effect.Success<typeof make>

const people = Array.from({ length: 12 }, (_, at) => `reader${at}`)

/** Something somebody does, which may be refused. */
export const step = (world: World) =>
  Effect.gen(function*() {
    const { characters, producers, quotes, releases, staff, tags, traits, vns } = world
    const vn = yield* oneOf(vns)
    const release = yield* oneOf(releases)
    const name = yield* oneOf(people)
    const kinds = [
      Effect.flatMap(oneOf(languages), (olang) => wiki(new Do.EditVn({ id: vn, olang }))),
      ...["a", "b"].map((word) =>
        Effect.gen(function*() {
          const name = `${word} ${yield* below(1000)}`
          yield* oneOf([
            wiki(new Do.EditProducer({ id: yield* oneOf(producers), name })),
            wiki(new Do.EditTag({ id: yield* oneOf(tags), name })),
            wiki(new Do.EditTrait({ id: yield* oneOf(traits), name })),
            wiki(
              new Do.EditCharacter({
                id: yield* oneOf(characters),
                names: languages.map((lang) => ({ lang, name: `${name} ${lang}`, latin: null })),
                main: yield* oneOf([null, ...characters])
              })
            ),
            wiki(
              new Do.EditQuote({
                id: yield* oneOf(quotes),
                vid: vn,
                cid: yield* oneOf([null, ...characters]),
                quote: name
              })
            ),
            wiki(
              new Do.EditVn({
                id: vn,
                titles: languages.map((lang) => ({ lang, official: true, title: `${name} ${lang}`, latin: null }))
              })
            ),
            wiki(
              new Do.EditProducer({
                id: yield* oneOf(producers),
                relations: [{ pid: yield* oneOf(producers), relation: "sub" }]
              })
            ),
            wiki(
              new Do.EditVn({ id: vn, relations: [{ vid: yield* oneOf(vns), relation: "seq", official: true }] })
            ),
            wiki(
              new Do.EditRelease({ id: release, supersedes: [{ rid: yield* oneOf(releases) }], catalog: name })
            )
          ]).pipe(Effect.flatten)
        })
      ),
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const aids = yield* sql<{ aid: number }>`select aid from staff_alias order by aid`
        const some = (yield* someOf(aids)).slice(0, 3)
        const shown = yield* someOf(["sf1", "sf2"])
        yield* wiki(
          new Do.EditVn({
            id: vn,
            staff: some.map(({ aid }) => ({ aid, role: "art", eid: null, note: "" })),
            seiyuu: yield* Effect.forEach(
              some.slice(1),
              ({ aid }) => Effect.map(oneOf(characters), (cid) => ({ cid, aid, note: "" }))
            ),
            screenshots: shown.map((scr) => ({ scr, rid: release }))
          })
        )
      }),
      Effect.gen(function*() {
        const id = yield* oneOf(staff)
        const { aliases } = yield* wiki(new Do.FindStaff({ id }))
        const kept = yield* someOf(aliases)
        const name = `Name ${yield* below(1000)}`
        yield* wiki(new Do.EditStaff({ id, main: 0, aliases: [...kept, { aid: 0, name, latin: null }].slice(-4) }))
      }),
      Effect.flatMap(below(3), (devstatus) => wiki(new Do.EditVn({ id: vn, devstatus }))),
      Effect.flatMap(oneOf(Object.values(world).flat()), (id) =>
        Effect.flatMap(
          oneOf([
            new Transitions.DeleteEntry({ id }),
            new Transitions.RestoreEntry({ id }),
            new Transitions.RestoreEntry({ id }),
            new Transitions.HideEntry({ id }),
            new Transitions.ShowEntry({ id }),
            new Transitions.ShowEntry({ id })
          ]),
          (input) => wiki(input)
        )),
      Effect.gen(function*() {
        const linked = yield* someOf(vns)
        const rtype = yield* oneOf(["complete", "partial", "trial"])
        const made = yield* someOf(producers)
        const shown = yield* someOf(["cv1", "cv2", "cv3"])
        const main = linked[0] ?? vn
        yield* wiki(
          new Do.EditRelease({
            id: release,
            released: yield* oneOf(dates),
            official: yield* chance,
            patch: yield* chance,
            vns: [...new Set([main, ...linked])].map((vid) => ({ vid, rtype })),
            titles: (yield* someOf(languages)).concat("ja").filter((lang, at, all) => all.indexOf(lang) === at).map((
              lang
            ) => ({ lang, mtl: lang === "ko", title: lang, latin: null })),
            platforms: (yield* someOf(["win", "lin", "swi"])).map((platform) => ({ platform })),
            producers: made.map((pid) => ({ pid, developer: true, publisher: false })),
            images: shown.map((img, at) => ({
              img,
              vid: at === 1 ? main : null,
              itype: at === 2 ? "dig" : "pkgfront",
              lang: null
            }))
          })
        )
      }),
      Effect.gen(function*() {
        const [id, parents] = [yield* oneOf(tags), yield* someOf(tags)]
        yield* wiki(
          new Do.EditTag({
            id,
            searchable: (yield* below(4)) > 0,
            parents: parents.filter((parent) => parent !== id).map((parent, at) => ({ parent, main: at === 0 }))
          })
        )
      }),
      Effect.gen(function*() {
        const [id, parents] = [yield* oneOf(traits), yield* someOf(traits)]
        yield* wiki(
          new Do.EditTrait({
            id,
            searchable: (yield* below(4)) > 0,
            parents: parents.filter((parent) => parent !== id).map((parent, at) => ({ parent, main: at === 0 }))
          })
        )
      }),
      Effect.gen(function*() {
        const id = yield* oneOf(characters)
        yield* wiki(
          new Do.EditCharacter({
            id,
            traits: (yield* someOf(traits)).map((tid, at) => ({ tid, spoil: at % 3, lie: at % 2 === 0 })),
            vns: (yield* someOf(vns)).map((vid) => ({ vid, rid: null, role: "side", spoil: 0 }))
          })
        )
      }),
      Effect.gen(function*() {
        const vote = yield* oneOf([null, 10, 55, 70, 80, 100])
        yield* act(new Act.SetListEntry({ id: vn, vote, labels_set: [1] }))
      }),
      act(new Act.RemoveListEntry({ id: vn })),
      Effect.flatMap(below(5), (status) => act(new Act.SetReleaseStatus({ id: release, status }))),
      act(new Act.RemoveReleaseStatus({ id: release })),
      Effect.gen(function*() {
        const id = 10 + (yield* below(2))
        yield* act(new Act.PutLabel({ id, label: `Label ${id}`, private: yield* chance }))
        yield* act(new Act.SetListEntry({ id: vn, labels: yield* someOf([2, 10, 11]) }))
      }),
      Effect.flatMap(below(2), (at) => act(new Act.RemoveLabel({ id: 10 + at }))),
      act(new Act.CreateToken({ listread: true, listwrite: false })),
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const users = yield* sql<{ id: string }>`select id from users where deleted_at is null order by id`
        yield* act(new Act.DeleteUser({ id: (yield* oneOf(users)).id }))
      }),
      Effect.gen(function*() {
        const votes = yield* Effect.forEach(yield* someOf(tags), (tag) =>
          Effect.all({
            tag: Effect.succeed(tag),
            vote: Random.nextIntBetween(-3, 3),
            spoiler: oneOf([null, 0, 1, 2]),
            lie: oneOf([null, true, false])
          }))
        yield* act(new Act.VoteTags({ id: vn, votes }))
      }),
      Effect.gen(function*() {
        yield* act(
          new Act.VoteImage({
            id: yield* oneOf(["cv1", "ch2", "sf3"]),
            sexual: yield* below(3),
            violence: yield* below(3)
          })
        )
      }),
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const own = yield* sql<{ id: string }>`select id from releases_vn where vid = ${vn} order by id`
        yield* act(
          new Act.VoteLength({
            id: vn,
            length: 30 + (yield* below(3000)),
            speed: yield* oneOf([null, 0, 1, 2]),
            releases: [own[0]?.id ?? release]
          })
        )
      }),
      act(new Act.RemoveLengthVotes({ id: vn })),
      Effect.flatMap(someOf(["cv1", "cv2", "cv3"]), (images) => act(new Act.VoteCover({ id: vn, images })))
    ]
    const what = yield* oneOf(kinds)
    // Refusals (of what is deleted, hidden, or would go round in a circle) are no news.
    yield* Effect.ignore(Effect.provideService(what, Principal.Principal, { name }))
  })

type Needs<C> = C extends Consumer.Consumer<infer R> ? R : never

const consumers: ReadonlyArray<
  Consumer.Consumer<Needs<typeof derive | typeof removeTraces | typeof Views.projection>>
> = [
  derive,
  removeTraces,
  Views.projection
]

/** Lets everything happen that follows from events that nobody has seen yet, and from what that leads to. */
export const settle = (seen: Ref.Ref<number>) =>
  Effect.gen(function*() {
    for (;;) {
      const all = yield* Stream.runCollect(EventLog.read({}))
      const fresh = all.slice(yield* Ref.get(seen))
      if (fresh.length === 0) return
      yield* Ref.set(seen, all.length)
      for (const envelope of fresh) {
        const handlers = consumers.flatMap((consumer) => consumer.handlers).filter(({ message }) =>
          message.type === envelope.type
        )
        yield* Effect.forEach(handlers, ({ process }) => process({ envelope, attempt: 1 }), {
          concurrency: "unbounded",
          discard: true
        }).pipe(Effect.provideService(Consumer.CurrentEnvelope, envelope))
      }
    }
  })

const { tables } = DeriveService

/** Everything that is derived, table by table. */
export const derivedRows = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.forEach(tables, (table) =>
    Effect.map(
      sql.unsafe<{ row: string }>(`select t::text as row from ${table} t order by 1`),
      (rows) => [table, rows.map(({ row }) => row)] as const
    )))

export const forget = Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(`truncate ${tables.join(", ")}`))
