import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Archive, CopyText } from "@kanau/vndb-dump"
import { Effect, Exit, Fiber, Stream } from "effect"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { pipeline } from "node:stream/promises"
import { createZstdCompress, zstdCompressSync } from "node:zlib"
import { type Header, pack as tar } from "tar-stream"

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "kanau-archive-"))
afterAll(() => fs.rmSync(scratch, { recursive: true }))
const folder = path.join(scratch, "dump")
const packed = path.join(scratch, "dump.tar.zst")
const mtime = new Date(1_700_000_000_000)
let serial = 0
const fresh = () => path.join(scratch, `out-${serial++}`)

const files = {
  "TIMESTAMP": "2026-03-14 08:00:05+00\n",
  "LICENSE-ODBL.txt": "ODbL",
  "README.txt": "Read me",
  "import.sql": "-- passed over",
  "db/vn": Array.from({ length: 40_000 }, (_, at) => CopyText.encodeRow([`v${at + 1}`, "two\nlines", null])).join(""),
  "db/vn.header": "id\talias\timage\n",
  "db/vn_titles": "v1\tja\t猫\n",
  "db/vn_titles.header": "id\tlang\ttitle\n",
  "db/empty": "",
  "db/empty.header": "id\n"
}

const write = (into: string, some: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(some)) {
    fs.mkdirSync(path.dirname(path.join(into, name)), { recursive: true })
    fs.writeFileSync(path.join(into, name), text)
  }
  return into
}

/** An archive as nobody should make it. */
const forge = async (entries: ReadonlyArray<Partial<Header> & { name: string; text?: string }>) => {
  const archive = `${fresh()}.tar.zst`
  const out = tar()
  const writing = pipeline(out, createZstdCompress(), fs.createWriteStream(archive))
  for (const { text = "", ...header } of entries) out.entry(header, text)
  out.finalize()
  await writing
  return archive
}

const complaint = <A>(effect: Effect.Effect<A, { readonly kind: string; readonly message: string }>) =>
  effect.pipe(
    Effect.flip,
    Effect.map((fault) => {
      assert.strictEqual(fault.kind, "invalid-input")
      return fault.message
    }),
    Effect.runPromise
  )

const rowsOf = (bytes: Archive.Entry["bytes"]) => Stream.runCollect(CopyText.rows(bytes))

const readAll = (archive: Archive.Archive) =>
  Stream.runCollect(
    Stream.mapEffect(archive.entries, ({ bytes, ...info }) => Effect.map(rowsOf(bytes), (rows) => ({ ...info, rows })))
  )

describe("Archive", () => {
  beforeAll(async () => {
    write(folder, files)
    await Effect.runPromise(Archive.pack(folder, packed, { mtime }))
  })

  it.live("NV-7 a folder and a .tar.zst are the same dump", () =>
    Effect.gen(function*() {
      const one = yield* Archive.open(folder)
      const other = yield* Archive.open(packed)
      assert.strictEqual(other.timestamp, "2026-03-14 08:00:05+00")
      assert.deepStrictEqual(other.texts, { "LICENSE-ODBL.txt": "ODbL", "README.txt": "Read me" })
      assert.deepStrictEqual(other.tables, [
        { table: "empty", columns: ["id"], size: 0 },
        { table: "vn", columns: ["id", "alias", "image"], size: Buffer.byteLength(files["db/vn"]) },
        { table: "vn_titles", columns: ["id", "lang", "title"], size: 10 }
      ])
      assert.deepStrictEqual(one.tables, other.tables)
      assert.deepStrictEqual(one.texts, other.texts)
      const [first, second] = [yield* readAll(one), yield* readAll(other)]
      assert.deepStrictEqual(first, second)
      assert.lengthOf(second[1]?.rows ?? [], 40_000)
      assert.deepStrictEqual(second[1]?.rows[39_999], ["v40000", "two\nlines", null])
    }))

  it.live("NV-7 tables are read in any order, from either", () =>
    Effect.gen(function*() {
      for (const place of [folder, packed]) {
        const archive = yield* Archive.open(place)
        assert.deepStrictEqual(yield* rowsOf(archive.bytes("vn_titles")), [["v1", "ja", "猫"]])
        assert.lengthOf(yield* rowsOf(archive.bytes("vn")), 40_000)
        assert.deepStrictEqual(yield* Stream.runCollect(Stream.take(CopyText.rows(archive.bytes("vn")), 1)), [
          ["v1", "two\nlines", null]
        ])
        assert.match((yield* Effect.flip(rowsOf(archive.bytes("../vn")))).message, /no such table/)
      }
    }))

  it.live("NV-7 what is not read of an entry is passed over, and stopping early closes the file", () =>
    Effect.gen(function*() {
      const archive = yield* Archive.open(packed)
      const seen = yield* Stream.runCollect(
        Stream.mapEffect(
          archive.entries,
          ({ table, bytes }) =>
            table === "vn" ? Effect.as(Stream.runDrain(Stream.take(bytes, 1)), table) : Effect.succeed(table)
        )
      )
      assert.deepStrictEqual(seen, ["empty", "vn", "vn_titles"])
      assert.lengthOf(yield* Stream.runCollect(Stream.take(archive.entries, 1)), 1)
      const open = fs.readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`) === packed
        } catch {
          return false
        }
      })
      assert.deepStrictEqual(open, [])
    }))

  it.live("NV-7 unpacking restores every file, packing is the same twice", () =>
    Effect.gen(function*() {
      const into = fresh()
      yield* Archive.unpack(packed, into)
      for (const [name, text] of Object.entries(files)) {
        assert.strictEqual(fs.readFileSync(path.join(into, name), "utf8"), text)
      }
      const again = `${fresh()}.tar.zst`
      yield* Archive.pack(into, again, { mtime })
      assert.isTrue(fs.readFileSync(again).equals(fs.readFileSync(packed)))
      assert.match(yield* Effect.promise(() => complaint(Archive.unpack(packed, into))), /not empty/)
    }))

  it("NV-7 links, paths that lead out and too many bytes are refused", async () => {
    for (
      const entry of [
        { name: "../escape", text: "x" },
        { name: "/tmp/kanau-escape", text: "x" },
        { name: "db/../../escape", text: "x" },
        { name: "db/..", text: "x" },
        { name: "db/vn", type: "symlink" as const, linkname: "/etc/passwd" },
        { name: "db/vn", type: "link" as const, linkname: "TIMESTAMP" }
      ]
    ) {
      const into = fresh()
      assert.match(await complaint(Archive.unpack(await forge([entry]), into)), /link or a path outside/)
      assert.deepStrictEqual(fs.readdirSync(into), [])
    }
    assert.isFalse(fs.existsSync(path.join(scratch, "escape")))
    const zeros = await forge([{ name: "db/vn", text: "\0".repeat(3_000_000) }])
    assert.match(await complaint(Archive.unpack(zeros, fresh(), { maxBytes: 2_999_999 })), /more than 2999999 bytes/)
    await Effect.runPromise(Archive.unpack(zeros, fresh(), { maxBytes: 3_000_000 }))
  })

  it("NV-7 damage is found when the dump is opened, and says what to do", async () => {
    const whole = fs.readFileSync(packed)
    const at = (share: number) => Math.floor(whole.length * share)
    const damaged = [
      whole.subarray(0, at(0.1)),
      whole.subarray(0, at(0.5)),
      whole.subarray(0, whole.length - 1),
      Buffer.concat([whole.subarray(0, at(0.5)), Buffer.alloc(64, 0x5a), whole.subarray(at(0.5) + 64)]),
      Buffer.from("no archive at all"),
      Buffer.alloc(0),
      zstdCompressSync("no tar at all, and long enough to be taken for one ".repeat(40))
    ]
    for (const bytes of damaged) {
      const archive = `${fresh()}.tar.zst`
      fs.writeFileSync(archive, bytes)
      assert.match(await complaint(Archive.open(archive)), /Download it again|no table in it/)
    }
    assert.match(await complaint(Archive.open(path.join(scratch, "nowhere"))), /does not exist/)
  })

  it("NV-7 a header and its file belong together", async () => {
    const { "db/vn": vn, ...withoutFile } = files
    const { "db/vn.header": header, ...withoutHeader } = files
    const { TIMESTAMP: timestamp, ...withoutTime } = files
    assert.isTrue([vn, header, timestamp].every((text) => text !== ""))
    const cases: ReadonlyArray<readonly [Readonly<Record<string, string>>, RegExp]> = [
      [withoutFile, /^db\/vn: It is missing, though/],
      [withoutHeader, /^db\/vn\.header: It is missing, so/],
      [withoutTime, /^TIMESTAMP: It is missing/],
      [{ ...files, "db/vn.header": "id\tid\n" }, /^db\/vn\.header: It names no columns/],
      [{ ...files, "db/vn.header": "" }, /^db\/vn\.header: It names no columns/],
      [{ "README.txt": "alone" }, /no table in it/]
    ]
    for (const [some, expected] of cases) {
      const broken = write(fresh(), some)
      assert.match(await complaint(Archive.open(broken)), expected)
      const archive = `${fresh()}.tar.zst`
      await Effect.runPromise(Archive.pack(broken, archive, { mtime }))
      assert.match(await complaint(Archive.open(archive)), expected)
    }
    assert.match(
      await complaint(Archive.open(await forge([{ name: "db/vn", text: "a" }, { name: "db/vn", text: "b" }]))),
      /twice/
    )
  })

  it.live("NV-7 packing that is interrupted leaves nothing, and writes nothing any more", () =>
    Effect.gen(function*() {
      const archive = `${fresh()}.tar.zst`
      const fiber = yield* Effect.forkChild(Archive.pack(folder, archive, { mtime }))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
      assert.deepStrictEqual([archive, `${archive}.partial`].filter((file) => fs.existsSync(file)), [])
    }))
})
