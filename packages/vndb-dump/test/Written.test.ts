import { afterAll, assert, describe, it } from "@effect/vitest"
import { Archive, CopyText, Generator } from "@kanau/vndb-dump"
import { Effect, Exit, Stream } from "effect"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

// #region read
const countTitles = Effect.fnUntraced(function*(path: string) {
  const archive = yield* Archive.open(path)
  return yield* Stream.runCount(CopyText.rows(archive.bytes("vn_titles")))
})
// #endregion

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "kanau-generator-"))
afterAll(() => fs.rmSync(scratch, { recursive: true }))
const options = { seed: 7n, scale: 0.001 }

const hashes = (archive: Archive.Archive) =>
  Stream.runCollect(Stream.mapEffect(archive.entries, ({ table, columns, bytes }) =>
    Effect.gen(function*() {
      const sum = createHash("sha256").update(columns.join())
      yield* Stream.runForEach(bytes, (chunk) => Effect.sync(() => sum.update(chunk)))
      return `${table} ${sum.digest("hex")}`
    })))

describe("Generator.write", () => {
  it.live("NV-7 a folder and an archive hold what was generated, the same bytes each time", () =>
    Effect.gen(function*() {
      const [folder, one, other] = ["dump", "one.tar.zst", "other.tar.zst"].map((name) => path.join(scratch, name))
      const seen: Array<string> = []
      yield* Generator.write(folder ?? "", options, ({ table, done, of, bytes }) =>
        Effect.sync(() => {
          assert.strictEqual(of, 51)
          assert.strictEqual(done, seen.push(table))
          assert.isAbove(bytes, 0)
        }))
      assert.lengthOf(seen, 51)
      yield* Generator.write(one ?? "", options)
      yield* Generator.write(other ?? "", options)
      assert.isTrue(fs.readFileSync(one ?? "").equals(fs.readFileSync(other ?? "")))
      const [plain, packed] = [yield* Archive.open(folder ?? ""), yield* Archive.open(one ?? "")]
      assert.strictEqual(packed.timestamp, "2026-10-02 08:00:05+00")
      assert.match(packed.texts["README.txt"] ?? "", /synthetic.*Seed 7, scale 0\.001, day 0.*invented/s)
      assert.match(packed.texts["LICENSE-ODBL.txt"] ?? "", /Open Database License/)
      assert.deepStrictEqual(yield* hashes(plain), yield* hashes(packed))
      assert.strictEqual(yield* countTitles(one ?? ""), yield* countTitles(folder ?? ""))
      assert.deepStrictEqual(fs.readdirSync(scratch).sort(), ["dump", "one.tar.zst", "other.tar.zst"])
      assert.match((yield* Effect.flip(Generator.write(folder ?? "", options))).message, /not empty/)
    }))

  it.live("NV-7 writing that is interrupted leaves no archive, and a folder that is not opened", () =>
    Effect.gen(function*() {
      const archive = path.join(scratch, "never.tar.zst")
      const stopped = yield* Effect.exit(
        Generator.write(archive, options, ({ done }) => done === 5 ? Effect.interrupt : Effect.void)
      )
      assert.isTrue(Exit.isFailure(stopped))
      assert.isFalse(fs.readdirSync(scratch).some((name) => name.startsWith("never")))
      const folder = path.join(scratch, "half")
      yield* Effect.exit(Generator.write(folder, options, ({ done }) => done === 5 ? Effect.interrupt : Effect.void))
      assert.match((yield* Effect.flip(Archive.open(folder))).message, /TIMESTAMP: It is missing/)
    }))
})
