import { assert, describe, it } from "@effect/vitest"
import { FaultProxy, Servers } from "@kanau/testing"
import { CopyText, Layout } from "@kanau/vndb-dump"
import { MySqlSchema, MySqlSource } from "@kanau/vndb-mysql"
import { Effect, Option, Redacted, Schema, Stream } from "effect"
import { type AddressInfo, connect, createServer } from "node:net"
import { pipeline } from "node:stream"
import { beforeAll } from "vitest"
import { create, withMySql } from "./filling.ts"

// #region read
const countTitles = Effect.fnUntraced(function*(url: Redacted.Redacted) {
  const archive = yield* MySqlSource.open(url)
  return yield* Stream.runCount(CopyText.rows(archive.bytes("vn_titles")))
})
// #endregion

const [mysql, other] = await Promise.all([Servers.mariadbDatabase(), Servers.mariadbDatabase()])

const timestamp = "2026-03-14 08:00:05+00"
const open = (url = mysql.url) => MySqlSource.open(Redacted.make(url), { timestamp })

beforeAll(() => Effect.runPromise(create(mysql.url)))

const run = (sql: string, values: ReadonlyArray<unknown> = []) =>
  withMySql(mysql.url, (connection) => connection.query(sql, [...values]))

/** The rows of a table, by column. */
const read = (table: string) =>
  Effect.gen(function*() {
    const archive = yield* open()
    const columns = archive.tables.find((one) => one.table === table)?.columns ?? []
    const rows = yield* Stream.runCollect(CopyText.rows(archive.bytes(table)))
    return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])))
  })

const Texts = Schema.Array(
  Schema.Union([
    Schema.String,
    Schema.Literals([
      "\\",
      "\\N",
      "\"",
      "{",
      "}",
      ",",
      "NULL",
      "\t",
      "\r\n",
      "\v",
      " ",
      "",
      "\0",
      "猫",
      "😀",
      "e\u0301",
      "עברית"
    ])
  ])
).pipe(Schema.check(Schema.isMaxLength(6)))

const Many = Schema.Array(Texts).pipe(Schema.check(Schema.isMinLength(10), Schema.isMaxLength(100)))

describe("MySqlSource", () => {
  it.effect.prop(
    "NV-7 any text arrives as it is stored, alone and as an item of a list",
    [Many],
    ([many]) =>
      Effect.gen(function*() {
        const texts = many.map((parts) => parts.join("").toWellFormed())
        const docs = texts.map((text, at) => [`d${at + 100}`, text, ""])
        // Lists of VNDB hold no characters that PostgreSQL cannot store.
        const items = [...texts.map((text) => text.replaceAll("\0", "")), null]
        yield* run(
          "delete from docs; insert into docs values ?; delete from wikidata; insert into wikidata (id, website) values (1, ?)",
          [docs, JSON.stringify(items)]
        )
        assert.deepStrictEqual((yield* read("docs")).map(Object.values), docs)
        const [row] = yield* read("wikidata")
        assert.deepStrictEqual(CopyText.decodeArray(row?.["website"] ?? ""), items)
      }),
    { arbitrary: { runs: 10 } }
  )

  it.live("NV-7 every type arrives as a dump has it: booleans, numbers, days, lists, NULL", () =>
    Effect.gen(function*() {
      yield* run(`delete from releases; delete from tags_vn; delete from ulist_vns; delete from image_votes;
        alter table releases modify gtin bigint unsigned, modify patch bit(1), modify freeware char(1);
        alter table tags_vn modify date datetime, modify vote enum('-3', '2');
        alter table ulist_vns modify started timestamp null, modify labels text`)
      yield* run(
        `insert into releases (id, gtin, olang, released, voiced, reso_x, reso_y, ani_story, ani_ero, has_ero, patch, freeware,
          uncensored, official, catalog, notes) values
          ('r1', 18446744073709551615, 'zh-Hans', 99999999, 0, 0, 0, 0, -1, true, b'1', 'f', null, false, '', ''),
          ('r2', 4905823423499, 'ja', 0, 0, 0, 0, 0, 0, 2, b'0', 't', true, true, '', '')`
      )
      const cells = (yield* read("releases")).map((row) =>
        ["gtin", "olang", "released", "ani_ero", "has_ero", "patch", "freeware", "uncensored", "official", "minage"]
          .map((column) => row[column])
      )
      assert.deepStrictEqual(cells, [
        ["18446744073709551615", "zh-Hans", "99999999", "-1", "t", "t", "f", null, "f", null],
        ["4905823423499", "ja", "0", "0", "2", "f", "t", "t", "t", null]
      ])
      yield* run(`insert into tags_vn values ('2024-02-29 23:59:59', 'g1', 'v1', null, 2, null, 0, null, '')`)
      assert.deepInclude((yield* read("tags_vn"))[0], { date: "2024-02-29", vote: "2", uid: null, ignore: "f" })
      yield* run(`set sql_mode = '', time_zone = '+09:00'; insert into ulist_vns values
        ('u1', 'v1', '2020-01-01', '0000-00-00', '2020-00-00', '2020-01-02 03:00:00', null, null, '', '[1, 2]'),
        ('u1', 'v2', '9999-12-31', '0001-01-01', null, null, null, null, '', '[]'),
        ('u1', 'v3', '2020-01-01', '2020-01-01', null, null, null, null, '', '{1,7}'),
        ('u1', 'v4', '2020-01-01', '2020-01-01', null, null, null, null, '', '[[1]]'),
        ('u1', 'v5', '2020-01-01', '2020-01-01', null, null, null, null, '', 'none')`)
      assert.deepStrictEqual(
        (yield* read("ulist_vns")).map((row) =>
          ["added", "lastmod", "vote_date", "started", "labels"].map((column) => row[column])
        ),
        [
          // The zone of the session that wrote it is nine hours ahead.
          ["2020-01-01", null, "2020-00-00", "2020-01-01", "{1,2}"],
          ["9999-12-31", "0001-01-01", null, null, "{}"],
          ["2020-01-01", "2020-01-01", null, null, "{1,7}"],
          ["2020-01-01", "2020-01-01", null, null, "[[1]]"],
          ["2020-01-01", "2020-01-01", null, null, "none"]
        ]
      )
    }))

  it.live("NV-7 rows come in the order of the key, and of all cells where there is none; one pass is one snapshot", () =>
    Effect.gen(function*() {
      yield* run(`insert into engines values (3, 'c', ''), (1, 'b', ''), (2, 'a', '');
        insert into vn_staff values ('v2', 1, 'staff', null, ''), ('v1', 2, 'staff', null, ''), ('v1', 1, 'art', null, '')`)
      const archive = yield* open()
      const seen = yield* Stream.runCollect(Stream.mapEffect(
        Stream.filter(archive.entries, ({ table }) => ["drm", "engines", "vn_staff"].includes(table)),
        (entry) =>
          Effect.gen(function*() {
            // What comes while it is read is not seen.
            if (entry.table === "drm") {
              yield* run("delete from engines where id = 3; insert into engines values (4, 'd', '')")
            }
            return (yield* Stream.runCollect(CopyText.rows(entry.bytes))).map((row) => row.slice(0, 2).join(" "))
          })
      ))
      assert.deepStrictEqual(seen, [[], ["1 b", "2 a", "3 c"], ["v1 1", "v1 2", "v2 1"]])
      assert.deepStrictEqual((yield* read("engines")).map(({ id }) => id), ["1", "2", "4"])
    }))

  it.live("NV-7 the server sends no more than is taken; what is left of a table is passed over; a lost connection ends the rows", () =>
    Effect.gen(function*() {
      yield* run("delete from docs; insert into docs select concat('d', seq), repeat('x', 8000), '' from seq_1_to_8000")
      const proxy = yield* counting(new URL(mysql.url))
      const archive = yield* open(proxy.url)
      const before = proxy.passed()
      const taken = yield* Stream.runCollect(Stream.mapEffect(
        Stream.filter(archive.entries, ({ table }) => table === "docs" || table === "engines"),
        ({ bytes, table }) =>
          bytes.pipe(
            // While these are looked at nothing else is taken.
            Stream.tap(() => table === "docs" ? atRest(proxy.passed) : Effect.void),
            CopyText.rows,
            Stream.take(1),
            Stream.map(([id]) => ({ id, all: proxy.passed() - before > 32e6 })),
            Stream.runCollect
          )
      ))
      assert.deepStrictEqual(taken, [[{ id: "d1", all: false }], [{ id: "1", all: true }]])
      assert.strictEqual(yield* Stream.runCount(CopyText.rows(archive.bytes("docs"))), 8000)
      const cut = yield* FaultProxy.scoped(mysql.url)
      const reader = yield* open(cut.url)
      const broken = Stream.tap(reader.bytes("docs"), () => Effect.sync(cut.reset))
      assert.match(
        (yield* Effect.flip(Stream.runDrain(broken))).message,
        / docs: the connection was lost\. Look whether/
      )
    }).pipe(Effect.scoped))

  it.live("NV-7 texts and the time come from dump_files; what VNDB does not have is there, bytes in hexadecimal digits", () =>
    Effect.gen(function*() {
      yield* run(`insert into dump_files values ('TIMESTAMP', ' 2026-01-02 03:04:05+00\\n'), ('LICENSE.txt', 'ODbL');
        create table \`re\`\`views\` (id int primary key, picture blob, \`select\` text);
        insert into \`re\`\`views\` values (1, x'00ff', 'good'), (2, null, null)`)
      const archive = yield* MySqlSource.open(Redacted.make(mysql.url))
      assert.strictEqual(archive.timestamp, "2026-01-02 03:04:05+00")
      assert.strictEqual((yield* open()).timestamp, timestamp)
      assert.strictEqual(yield* countTitles(Redacted.make(mysql.url)), 0)
      assert.deepStrictEqual(archive.texts, { "LICENSE.txt": "ODbL" })
      assert.sameMembers(archive.tables.map(({ table }) => table), [...Layout.names, "re`views"])
      assert.deepStrictEqual(yield* read("re`views"), [
        { id: "1", picture: "\\x00ff", select: "good" },
        { id: "2", picture: null, select: null }
      ])
      yield* run("drop table `re``views`")
    }))

  it.live("NV-7 what is wrong with the database is said in a sentence that tells what to do, without the password", () =>
    Effect.gen(function*() {
      const said = (url: string, options: { readonly timestamp?: string } = { timestamp }) =>
        Effect.map(Effect.flip(MySqlSource.open(Redacted.make(url), options)), (fault) => {
          assert.notMatch(fault.message, /kanau:|s3cret/)
          return `${fault.kind}: ${fault.message}`
        })
      const at = (change: (url: URL) => void) => {
        const url = new URL(mysql.url)
        change(url)
        return url.href
      }
      const { host } = new URL(mysql.url)
      const here = `${host}/${mysql.name}`
      assert.strictEqual(
        yield* said(at((url) => void (url.password = "s3cret"))),
        `invalid-input: ${here}: The user or the password is wrong, or this user may not log in from this machine.`
      )
      assert.strictEqual(
        yield* said(at((url) => void (url.pathname = "/nothing"))),
        `invalid-input: ${host}/nothing: The server has no such database. Correct the name behind the host.`
      )
      assert.match(
        yield* said(at((url) => void (url.port = "1"))),
        /^unavailable: mysql is unavailable: 127\.0\.0\.1:1\/\w+: nothing listens there\. Look whether the server runs/
      )
      assert.match(
        yield* said(other.url),
        /^invalid-input: .*: None of VNDB's tables is in it\. Name the database that has/
      )
      yield* run("delete from dump_files")
      assert.match(
        yield* said(mysql.url, {}),
        /It does not say when its data were taken\. Insert .* or give --timestamp\.$/
      )
      assert.match(
        yield* said(mysql.url, { timestamp: "yesterday" }),
        /timestamp: It is no time like 2026-03-14 08:00:05\+00\.$/
      )
      for (
        const [url, words] of [
          ["postgres://me:s3cret@localhost/vndb", "It is no URL like mysql://"],
          ["mysql://me:s3cret@:3306/vndb", "It is no URL like mysql://"],
          ["mysql://me:s3cret@localhost", "It names no database."],
          ["mysql://localhost/vndb", "It names no user."],
          ["mysql://me:s3cret%@localhost/vndb", "It holds a % that starts no code."],
          ["mysql://me:s3cret@localhost/vndb?tls=1", "The only option"]
        ] as const
      ) assert.include(yield* said(url), words)
      if (mysql.server.via === "apt") {
        assert.match(yield* said(`${mysql.url}?ssl=true`), /offers no encrypted connections\. Leave out \?ssl=true\.$/)
      }
      yield* run("alter table docs modify content longblob; alter table vn modify c_image varbinary(20)")
      assert.strictEqual(
        yield* said(mysql.url),
        "invalid-input: docs.content: It holds bytes (longblob). Make it text, numbers or JSON, as the table of types says.; "
          + "vn.c_image: It holds bytes (varbinary). Make it text, numbers or JSON, as the table of types says."
      )
      yield* run("alter table docs modify content mediumtext; alter table vn modify c_image varchar(12)")
    }))

  it.live("NV-7 a table that may not be read, is gone or is a broken view ends the read with its name", () =>
    Effect.gen(function*() {
      const reader = `r_${mysql.name.slice(-16)}`
      yield* run(`create user ${reader}@'%' identified by 's3cret';
        grant select on ${mysql.name}.* to ${reader}@'%'`)
      const url = new URL(mysql.url)
      url.username = reader
      url.password = "s3cret"
      const archive = yield* open(url.href)
      const failing = (table: string) =>
        Effect.map(Effect.flip(Stream.runDrain(archive.bytes(table))), ({ message }) => message)
      yield* run("rename table drm to drm_gone")
      assert.match(yield* failing("drm"), / drm: It was changed while it was read, or a view names what is not there\./)
      yield* run(`create view drm as select * from drm_gone; rename table drm_gone to drm_kept`)
      assert.match(yield* failing("drm"), / drm: It was changed while it was read, or a view names what is not there\./)
      yield* run(
        `drop view drm; rename table drm_kept to drm; revoke select on ${mysql.name}.* from ${reader}@'%';
        grant select on ${mysql.name}.vn to ${reader}@'%'`
      )
      assert.match(yield* failing("drm"), / drm: This user may not read it\. Let somebody GRANT SELECT/)
      assert.match(yield* failing("reviews"), / reviews: This database has no such table\.$/)
      assert.deepStrictEqual((yield* open(url.href)).tables.map(({ table }) => table), ["vn"])
      yield* run(`drop user ${reader}@'%'`)
    }))

  it.live("NV-7 the schema is that of the layout: names, order and keys", () =>
    Effect.gen(function*() {
      yield* create(other.url)
      const archive = yield* open(other.url)
      assert.deepStrictEqual(
        archive.tables.map(({ columns, table }) => ({ table, columns })),
        Layout.names.map((table) => ({ table, columns: Layout.tables[table].columns.map(({ name }) => name) }))
      )
      assert.include(MySqlSchema.ddl(), "primary key (`id`, `lang`)")
      assert.notInclude(MySqlSchema.ddl(["vn"]), MySqlSchema.files)
      assert.isTrue(Option.isSome(yield* Stream.runHead(archive.entries)))
    }))
})

/** A way to the server that counts what comes back. */
const counting = (upstream: URL) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      let passed = 0
      const server = createServer((client) => {
        const backend = connect(Number(upstream.port), upstream.hostname)
        backend.on("data", (chunk) => void (passed += chunk.length))
        pipeline(client, backend, () => undefined)
        pipeline(backend, client, () => undefined)
      })
      await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
      const url = new URL(upstream)
      url.port = String((server.address() as AddressInfo).port)
      return { url: url.href, passed: () => passed, close: () => void server.close() }
    }),
    ({ close }) => Effect.sync(close)
  )

/** Waits until a number stays as it is while the server answers a hundred other questions. */
const atRest = (number: () => number) =>
  withMySql(mysql.url, async (connection) => {
    for (let last = number(), times = 0; times < 100; times++) {
      await connection.query("select 1")
      if (number() !== last) times = 0
      last = number()
    }
  })
