import { assert, describe, it } from "@effect/vitest"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll } from "vitest"
import { fixture, kanau as run } from "./support.ts"

let folder = ""
beforeAll(async () => {
  // Beside the fixture, so that its imports resolve.
  folder = await mkdtemp(fileURLToPath(new URL("fixtures/tmp-", import.meta.url)))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs the command in the temporary folder. */
const kanau = (...args: ReadonlyArray<string>) => run(folder, ...args)

/** Writes a module of the system with something in it replaced. */
const module = async (name: string, ...replacements: ReadonlyArray<readonly [from: string, to: string]>) => {
  let text = await readFile(fixture("notes.ts"), "utf8")
  for (const [from, to] of replacements) {
    assert.include(text, from)
    text = text.replace(from, to)
  }
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe("kanau schema", () => {
  it("NB-21 a snapshot is written, and the same contracts pass its check", async () => {
    const path = await module("same.ts")
    const made = await kanau("schema", "snapshot", path, "--out", "same/contracts.json")
    assert.deepStrictEqual(made, { code: 0, text: "same/contracts.json: 2 contracts, version 1.0.0.\n", errors: "" })
    const { code, text } = await kanau("schema", "check", path, "--snapshot", "same/contracts.json")
    assert.strictEqual(code, 0)
    assert.match(text, /^The contracts are those of snapshot 1\.0\.0\. \d+ stored samples decoded\.\n$/)
  })

  it("NB-21 a broken rule exits with 1 and names rule, contract, path and remedy; the snapshot stays", async () => {
    await kanau("schema", "snapshot", await module("before.ts"), "--out", "broken.json")
    const before = await readFile(join(folder, "broken.json"), "utf8")
    const after = await module("after.ts", ["words: Schema.Int }", "words: Schema.Int, author: Schema.String }"])
    const { code, text } = await kanau("schema", "check", after, "--snapshot", "broken.json")
    assert.strictEqual(code, 1)
    assert.include(text, "ERROR required-field-added: message notes.note.written, fields.author")
    assert.include(text, "What to do: Make it optional.")
    assert.include(text, "ERROR version-not-raised: message notes.note.written")
    assert.include(text, "ERROR changelog-entry-missing: message notes.note.written")
    const refused = await kanau("schema", "snapshot", after, "--out", "broken.json")
    assert.strictEqual(refused.code, 1)
    assert.include(refused.text, "broken.json stays as it is.")
    assert.strictEqual(await readFile(join(folder, "broken.json"), "utf8"), before)
  })

  it("NB-21 a break with version, upcaster and changelog passes, and the next snapshot keeps the old samples", async () => {
    await kanau("schema", "snapshot", await module("v1.ts"), "--out", "upcast.json")
    const after = await module(
      "v2.ts",
      ["words: Schema.Int }", "words: Schema.Int, author: Schema.String },\n  version: 2"],
      [
        "subject: ({ id }) => id",
        `subject: ({ id }) => id,
        upcast: [
          Message.from(1, { id: Schema.String, words: Schema.Int }, (old) => ({ ...old, author: "nobody" }))
        ]`
      ]
    )
    await writeFile(join(folder, "upcast.md"), "## Next\n\n- `notes.note.written` 2 has an author.\n")
    const options = ["--changelog", "upcast.md"] as const
    const { code, text } = await kanau("schema", "check", after, "--snapshot", "upcast.json", ...options)
    assert.strictEqual(code, 0, text)
    assert.include(text, "ERROR (allowed: the version was raised) required-field-added")
    assert.include(text, "makes version 2.0.0 of them")
    const made = await kanau("schema", "snapshot", after, "--out", "upcast.json", ...options)
    assert.strictEqual(made.text, "upcast.json: 2 contracts, version 2.0.0.\n")
    const kept = JSON.parse(await readFile(join(folder, "upcast.json"), "utf8")) as {
      readonly contracts: Record<
        string,
        { readonly parts: Record<string, { readonly samples: Array<{ version: number }> }> }
      >
    }
    const samples = kept.contracts["message notes.note.written"]?.parts["fields"]?.samples ?? []
    assert.includeMembers(samples.map(({ version }) => version), [1, 2])
    assert.strictEqual((await kanau("schema", "check", after, "--snapshot", "upcast.json", ...options)).code, 0)
  })

  it("NB-21 the message of the guide passes against its first version", async () => {
    const guide = fixture("people.ts")
    const text = await readFile(guide, "utf8")
    const first = text.replace("version: 2", "version: 1")
      .replace(/first: Schema\.String,\s+last: Schema\.String/, "name: Schema.String")
      .replace(/,\s+upcast: \[[^]*?\n {2}\]/, "")
    await writeFile(join(folder, "people.ts"), first)
    const made = await kanau("schema", "snapshot", "people.ts", "--out", "people.json")
    assert.strictEqual(made.code, 0, made.errors)
    await writeFile(join(folder, "people.md"), "- `people.person.renamed` 2: first and last name instead of one.")
    const checked = await kanau("schema", "check", guide, "--snapshot", "people.json", "--changelog", "people.md")
    assert.strictEqual(checked.code, 0, checked.text)
    assert.include(checked.text, "ERROR (allowed: the version was raised) required-field-added")
  })

  it("NB-21 samples of one's own are kept and decoded", async () => {
    const path = await module("own.ts")
    const samples = join(folder, "own-samples", "notes.note.written", "fields")
    await mkdir(samples, { recursive: true })
    await writeFile(join(samples, "v1-production.json"), `{"id":"own","words":7}`)
    const options = ["--samples", "own-samples"] as const
    assert.strictEqual((await kanau("schema", "snapshot", path, "--out", "own.json", ...options)).code, 0)
    assert.include(await readFile(join(folder, "own.json"), "utf8"), `"id": "own"`)
    await writeFile(join(samples, "v1-broken.json"), `{"id":"own","words":"many"}`)
    const { code, text } = await kanau("schema", "check", path, "--snapshot", "own.json", ...options)
    assert.strictEqual(code, 1)
    assert.include(text, "ERROR sample-unreadable: message notes.note.written, fields")
    assert.notInclude(text, "many")
    await writeFile(join(samples, "misnamed.json"), "{}")
    assert.strictEqual((await kanau("schema", "check", path, "--snapshot", "own.json", ...options)).code, 2)
  })

  it("NB-21 wrong use exits with 2 and says what to do", async () => {
    const path = await module("use.ts")
    await writeFile(join(folder, "empty.ts"), "export const other = 1\n")
    await writeFile(join(folder, "no-snapshot.json"), "{}")
    const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, said: string]> = [
      [["schema", "check"], "Missing required argument"],
      [["schema", "check", path, "--colour"], "--colour"],
      [["schema", "destroy", path], "destroy"],
      [["schema", "check", "nowhere.ts"], "nowhere.ts cannot be imported"],
      [["schema", "check", "empty.ts"], "exports no system"],
      [["schema", "check", path, "--snapshot", "absent.json"], "make it with `kanau schema snapshot"],
      [["schema", "check", path, "--snapshot", "no-snapshot.json"], "is no snapshot"],
      [["schema", "snapshot", path, "--samples", "absent"], "cannot be read"]
    ]
    for (const [args, said] of cases) {
      const { code, errors, text } = await kanau(...args)
      assert.strictEqual(code, 2, `${args.join(" ")}: ${text}${errors}`)
      assert.include(text + errors, said)
    }
  })

  it("NB-21 help exits with 0 and names the commands", async () => {
    for (const args of [["--help"], ["schema", "--help"], ["schema", "check", "--help"]]) {
      const { code, text } = await kanau(...args)
      assert.strictEqual(code, 0)
      assert.include(text, "schema")
    }
  })
})
