import { assert, describe, it, layer } from "@effect/vitest"
import { Layers, Operation, Principal, Processor } from "@kanau/core"
import { Effect, Layer, Redacted, References, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Attributes, newcomer } from "../src/accounts/Attributes.ts"
import { putAttributes } from "../src/accounts/entities/Accounts.ts"
import { guarded } from "../src/accounts/guard.ts"
import { reads, rules } from "../src/accounts/rules.ts"
import { routes as communityRoutes } from "../src/community/routes.ts"
import { Community, UserRequestHandler, Wiki } from "../src/index.ts"
import { routes as wikiRoutes } from "../src/wiki/routes.ts"
import { databases, reset } from "./databases.ts"

type Axis = keyof Attributes

const words = {
  community: ["suspended", "normal", "moderator"],
  wiki: ["editing_suspended", "contributor", "editor", "trusted_editor"],
  sponsorship: ["none", "backup_sponsor", "sponsor", "premium_sponsor"],
  administration: ["none", "admin", "owner"],
  verification: ["none", "official_account", "commenter", "employee", "independent_creator", "site_administrator"]
} as const satisfies { readonly [A in Axis]: ReadonlyArray<Attributes[A]> }

/** One way to be allowed: of each axis it names, these words. Somebody is allowed in any of several ways. */
type Way = { readonly [A in Axis]?: ReadonlyArray<Attributes[A]> }
type Who = ReadonlyArray<Way>

const active = { community: ["normal", "moderator"] } as const
const administrators: Way = { administration: ["admin", "owner"] }
const owners: Who = [{ administration: ["owner"] }]
const anybody: Who = [{}]
const participants: Who = [administrators, active]
const writers: Who = [administrators, { ...active, wiki: ["contributor", "editor", "trusted_editor"] }]
const writersAndProfessionals: Who = [
  ...writers,
  { ...active, verification: ["official_account", "employee", "independent_creator"] }
]
const editors: Who = [administrators, { ...active, wiki: ["editor", "trusted_editor"] }]
const trusted: Who = [administrators, { ...active, wiki: ["trusted_editor"] }]
const moderators: Who = [administrators, { community: ["moderator"] }, {
  ...active,
  verification: ["site_administrator"]
}]

/** Who may do what, written out a second time, from what the words mean. */
const oracle: Readonly<Record<string, Who>> = {
  FindVn: anybody,
  FindRelease: anybody,
  FindProducer: anybody,
  FindCharacter: anybody,
  FindStaff: anybody,
  FindTag: anybody,
  FindTrait: anybody,
  FindQuote: anybody,
  FindDoc: anybody,
  FindRevision: anybody,
  ListRevisions: anybody,
  DiffRevisions: anybody,
  CreateVn: writers,
  EditVn: writers,
  CreateRelease: writers,
  EditRelease: writers,
  CreateCharacter: writers,
  EditCharacter: writers,
  CreateQuote: writers,
  EditQuote: writers,
  CreateProducer: writersAndProfessionals,
  EditProducer: writersAndProfessionals,
  CreateStaff: writersAndProfessionals,
  EditStaff: writersAndProfessionals,
  CreateTag: editors,
  EditTag: editors,
  CreateTrait: editors,
  EditTrait: editors,
  CreateDoc: [administrators],
  EditDoc: [administrators],
  DeleteEntry: editors,
  RestoreEntry: editors,
  HideEntry: editors,
  ShowEntry: editors,
  RevertEntry: editors,
  LockEntry: trusted,
  UnlockEntry: trusted,
  SetListEntry: participants,
  RemoveListEntry: participants,
  SetReleaseStatus: participants,
  RemoveReleaseStatus: participants,
  PutLabel: participants,
  RemoveLabel: participants,
  VoteTags: participants,
  VoteImage: participants,
  VoteLength: participants,
  RemoveLengthVotes: participants,
  VoteCover: participants,
  CreateToken: participants,
  // Also of somebody who is suspended: a token that leaked must die.
  RevokeToken: anybody,
  DeleteUser: moderators,
  SetAttributes: owners
}

const handlers: ReadonlyArray<Processor.AnyHandler> = [...Wiki.handlers, ...Community.handlers]
const names = handlers.map(({ operation }) => operation.operation)

/** Every combination of the five axes. */
const everybody: ReadonlyArray<Attributes> = words.community.flatMap((community) =>
  words.wiki.flatMap((wiki) =>
    words.sponsorship.flatMap((sponsorship) =>
      words.administration.flatMap((administration) =>
        words.verification.map((verification) => ({ community, wiki, sponsorship, administration, verification }))
      )
    )
  )
)

const isIn = (one: Attributes, axis: Axis, allowed: ReadonlyArray<string> | undefined) =>
  allowed === undefined || allowed.includes(one[axis])
const expected = (who: Who, one: Attributes) =>
  who.some((way) => (Object.keys(words) as ReadonlyArray<Axis>).every((axis) => isIn(one, axis, way[axis])))

describe("Rules", () => {
  it("NV-8 every operation has a rule or only reads, and every rule an operation", () => {
    assert.sameMembers([...Object.keys(rules), ...reads], names)
    assert.sameMembers(Object.keys(oracle), names)
    assert.isTrue([...reads].every((name) => /^(Find|List|Diff)/.test(name)))
  })

  it("NV-8 for every operation and each of the 864 combinations of the five axes the table decides as it should", () => {
    assert.lengthOf(everybody, 864)
    for (const name of names) {
      for (const one of everybody) {
        const allowed = reads.has(name) || (rules[name]?.(one) ?? false)
        assert.strictEqual(allowed, expected(oracle[name] ?? [], one), `${name} ${JSON.stringify(one)}`)
      }
    }
  })
})

const people = {
  owner: { administration: "owner" },
  suspended: { community: "suspended", wiki: "trusted_editor", verification: "employee" },
  newcomer: {},
  admin: { administration: "admin" }
} as const satisfies Readonly<Record<string, Partial<Attributes>>>

const tokenOf = (name: string) => `${name}-0123456789abcdef`
const credentials = Object.keys(people).map((name) => ({ name, token: Redacted.make(tokenOf(name)) }))

const title = { lang: "ja", official: true, title: "Glass", latin: null }
const name = { lang: "ja", name: "Hana", latin: null }

/** One valid request for each route, in an order in which an owner may make them. */
const requests = [
  ["POST", "/v1/vn", { olang: "ja", titles: [title] }],
  ["POST", "/v1/release", {
    olang: "ja",
    titles: [{ lang: "ja", mtl: false, title: "Box", latin: null }],
    vns: [{ vid: "v1", rtype: "complete" }],
    released: 20260101,
    images: [{ img: "cv1", vid: null, itype: "pkgfront", lang: null }]
  }],
  ["POST", "/v1/producer", { type: "co", lang: "ja", name: "Kobo" }],
  ["POST", "/v1/character", { names: [name] }],
  ["POST", "/v1/staff", { lang: "ja", main: 0, aliases: [{ aid: 0, name: "Aoi", latin: null }] }],
  ["POST", "/v1/tag", { name: "Garden", cat: "cont" }],
  ["POST", "/v1/trait", { name: "Hair" }],
  ["POST", "/v1/quote", { vid: "v1", quote: "Glass remembers." }],
  ["POST", "/v1/doc", { title: "Rules", content: "Be kind." }],
  ["PATCH", "/v1/vn/v1", { alias: "G" }],
  ["PATCH", "/v1/release/r1", { notes: "n" }],
  ["PATCH", "/v1/producer/p1", { alias: "K" }],
  ["PATCH", "/v1/character/c1", { description: "d" }],
  ["PATCH", "/v1/staff/s1", { description: "d" }],
  ["PATCH", "/v1/tag/g1", { alias: "a" }],
  ["PATCH", "/v1/trait/i1", { alias: "a" }],
  ["PATCH", "/v1/quote/q1", { quote: "Glass forgets." }],
  ["PATCH", "/v1/doc/d1", { title: "Rule" }],
  ["PATCH", "/v1/list/vn/v1", { vote: 80 }],
  ["PATCH", "/v1/list/release/r1", { status: 2 }],
  ["PUT", "/v1/list/label/10", { label: "Mine", private: false }],
  ["POST", "/v1/vn/v1/tags", { votes: [{ tag: "g1", vote: 2 }] }],
  ["POST", "/v1/image/cv1/vote", { sexual: 0, violence: 1 }],
  ["POST", "/v1/vn/v1/length", { length: 600, speed: 1, releases: ["r1"] }],
  ["PUT", "/v1/vn/v1/cover", { images: ["cv1"] }],
  ["DELETE", "/v1/list/label/10", undefined],
  ["DELETE", "/v1/list/release/r1", undefined],
  ["DELETE", "/v1/list/vn/v1", undefined],
  ["DELETE", "/v1/vn/v1/length", undefined],
  ["POST", "/v1/token", { listread: true, listwrite: false }],
  ["PUT", "/v1/account/bob/attributes", { wiki: "editor" }],
  ["POST", "/v1/entry/v1/hide", {}],
  ["POST", "/v1/entry/v1/show", {}],
  ["POST", "/v1/entry/v1/lock", {}],
  ["POST", "/v1/entry/v1/unlock", {}],
  ["POST", "/v1/entry/v1/revert", { revision: 1 }],
  ["DELETE", "/v1/entry/q1", undefined],
  ["POST", "/v1/entry/q1/restore", {}],
  ["DELETE", "/v1/user/u7", undefined]
] as const satisfies ReadonlyArray<readonly [string, string, object | undefined]>

const looks = [
  ...["vn/v1", "release/r1", "producer/p1", "character/c1", "staff/s1", "tag/g1", "trait/i1", "quote/q1", "doc/d1"].map(
    (path) => `/v1/${path}`
  ),
  "/v1/entry/v1/revisions",
  "/v1/entry/v1/revisions/1",
  "/v1/entry/v1/diff?from=1&to=2"
]

const routes: ReadonlyArray<{ readonly method: string; readonly path: string; readonly operation: Operation.Any }> = [
  ...wikiRoutes,
  ...communityRoutes
]

const operationAt = (method: string, path: string) =>
  routes.find((route) =>
    route.method === method.toLowerCase() &&
    new RegExp(`^${route.path.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`).test(path)
  )?.operation.operation

/** Every row of every table, and every event, in short. */
const everything = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ name: string }>`select format('%I.%I', table_schema, table_name) as name
    from information_schema.tables where table_type = 'BASE TABLE' and (table_schema = 'public' or table_name = 'events')
    and table_schema in ('public', 'kanau') order by 1`
  return yield* Effect.forEach(
    tables,
    ({ name }) =>
      sql.unsafe(`select '${name}' as name, count(*)::int as n, md5(string_agg(t::text, '|' order by t::text)) as rows
      from ${name} t`)
  )
})

const prepare = Effect.gen(function*() {
  yield* reset
  const sql = yield* SqlClient.SqlClient
  for (const sequence of ["vn", "release", "producer", "character", "staff", "tag", "trait", "quote", "doc"]) {
    yield* sql.unsafe(`alter sequence ${sequence}_number restart`)
  }
  yield* sql`insert into images values ('cv1', 256, 400)`
  yield* sql`insert into users (id, ign_votes, perm_imgvote, perm_tag, perm_lengthvote, username)
    values ('u7', false, true, true, true, 'gone')`
  for (const [name, attributes] of Object.entries(people)) {
    yield* putAttributes({ name, attributes, at: new Date(0) })
  }
  const app = yield* UserRequestHandler.app(credentials)
  const ask = (who: string | undefined, method: string, path: string, body?: object) =>
    Effect.promise(async () => {
      const headers = {
        "content-type": "application/json",
        ...(who === undefined ? {} : { authorization: `Bearer ${tokenOf(who)}` })
      }
      const response = await app.request(path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      return { status: response.status, text: await response.text() }
    })
  return { sql, ask }
})

/** What is answered is looked at here, not in the log. */
const quiet = Layer.succeed(References.MinimumLogLevel, "Error")

for (const database of databases) {
  describe(`Accounts on ${database.name}`, () => {
    layer(Layer.merge(database.layer, quiet), { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect("NV-8 what a suspended user asks is 403 and leaves no write and no event; reading stays", () =>
        Effect.gen(function*() {
          const { ask } = yield* prepare
          assert.sameMembers(
            requests.map(([method, path]) => operationAt(method, path) ?? path),
            names.filter((name) => !reads.has(name) && name !== "RevokeToken")
          )
          const empty = yield* everything
          for (const [method, path, body] of requests) {
            const refused = yield* ask("suspended", method, path, body)
            assert.strictEqual(refused.status, 403, `${method} ${path}: ${refused.text}`)
            assert.include(refused.text, "permission-denied")
            assert.strictEqual((yield* ask(undefined, method, path, body)).status, 401)
          }
          assert.deepStrictEqual(yield* everything, empty)
          for (const [method, path, body] of requests) {
            const before = yield* everything
            assert.strictEqual((yield* ask("suspended", method, path, body)).status, 403)
            assert.deepStrictEqual(yield* everything, before)
            const done = yield* ask("owner", method, path, body)
            assert.oneOf(done.status, [200, 201], `${method} ${path}: ${done.text}`)
            assert.notDeepEqual(yield* everything, before, `${method} ${path} does something`)
          }
          for (const path of looks) {
            assert.strictEqual((yield* ask("suspended", "GET", path)).status, 200, path)
            assert.strictEqual((yield* ask(undefined, "GET", path)).status, 401, path)
          }
        }))

      it.effect("NV-8 only owners say what an account may do, and what they say holds from the next request on", () =>
        Effect.gen(function*() {
          const { ask } = yield* prepare
          const put = (who: string, change: object) => ask(who, "PUT", "/v1/account/newcomer/attributes", change)
          const lock = () => ask("newcomer", "POST", "/v1/vn", { olang: "ja", titles: [title] })
          assert.strictEqual((yield* put("admin", { administration: "owner" })).status, 403)
          assert.strictEqual((yield* put("newcomer", { administration: "owner" })).status, 403)
          assert.strictEqual((yield* lock()).status, 201)
          const changed = yield* put("owner", { community: "suspended" })
          assert.deepStrictEqual(Schema.decodeUnknownSync(Attributes)(JSON.parse(changed.text)), {
            ...newcomer,
            community: "suspended"
          })
          assert.strictEqual((yield* lock()).status, 403)
          assert.strictEqual((yield* put("owner", { community: "normal", wiki: "editing_suspended" })).status, 200)
          assert.strictEqual((yield* lock()).status, 403)
          assert.strictEqual((yield* put("owner", { wiki: "god" })).status, 400)
          assert.strictEqual((yield* put("owner", {})).status, 200)
        }))

      it.effect("NV-8 an operation without a rule is for nobody", () =>
        Effect.gen(function*() {
          const { sql } = yield* prepare
          class Forgotten extends Operation.define<Forgotten>()("Forgotten", {
            summary: "Something new",
            input: {},
            output: Schema.Struct({}),
            errors: [Layers.PermissionDenied]
          }) {}
          const { process } = Processor.serve(
            ...guarded([Processor.on(Forgotten, () => Effect.orDie(Effect.as(sql`delete from images`, {})))])
          )
          const refused = process(new Forgotten({})).pipe(
            Effect.provideService(Principal.Principal, { name: "owner" }),
            Effect.flip
          )
          assert.instanceOf(yield* refused, Layers.PermissionDenied)
          assert.lengthOf(yield* sql`select from images`, 1)
        }))
    })
  })
}
