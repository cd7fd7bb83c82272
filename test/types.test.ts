/**
 * What the compiler says.
 *
 * About mistakes: each file in `test/types` makes some; a mistake has lines `// error: TEXT`
 * above it, each the text of one line of the compiler's message or a part of it. Anything else must compile.
 *
 * About what it infers: in `test/hover` a line `// type: TEXT` above a value is its type as an editor shows it.
 */
import { execFile } from "node:child_process"
import { globSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, beforeAll, describe, it } from "vitest"

const root = new URL("..", import.meta.url)
const folder = new URL("test/types/", root)

interface Message {
  readonly line: number
  readonly text: string
}

let messages: ReadonlyMap<string, ReadonlyArray<Message>>
let declarations = ""

beforeAll(async () => {
  // The declarations that the last test reads.
  await tsc("-b")
  messages = read(await compile("types"))
  assert.strictEqual(await compile("hover"), "")
  declarations = readFileSync(new URL("reports/hover/inference.d.ts", root), "utf8")
}, 120_000)

describe("messages of the compiler", () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    it(`KN-1 NB-18 ${file}: mistakes, and nothing else, are told, at the right place`, () => {
      const found = messages.get(file) ?? []
      const expected = expectations(readFileSync(new URL(file, folder), "utf8"))
      assert.isNotEmpty(expected)
      assert.deepStrictEqual(found.map(({ line }) => line), expected.map(({ line }) => line), JSON.stringify(found))
      for (const [index, { text }] of expected.entries()) {
        for (const part of text.split("\n")) assert.include(found[index]?.text, part)
      }
    })
  }
})

describe("what the compiler infers", () => {
  const source = readFileSync(new URL("test/hover/inference.ts", root), "utf8")
  for (const [, type, name] of source.matchAll(/^\/\/ type: (.*)\nexport const (\w+)/gm)) {
    it(`KN-1 ${name}: ${type}`, () => assert.include(declarations, `export declare const ${name}: ${type};`))
  }
})

describe("the public surface", () => {
  it("has no any", () => {
    const declared = globSync("packages/*/dist/**/*.d.ts", { cwd: fileURLToPath(root) })
    assert.isAbove(declared.length, 100)
    const found = declared.filter((path) => !/\/(?:internal|commands)\//.test(path)).filter((path) =>
      /\bany\b(?!:)/.test(withoutTexts(readFileSync(new URL(path, root), "utf8")))
    )
    assert.deepStrictEqual(found, [])
  })
})

/** Runs the compiler on a folder of tests; what it says. */
function compile(name: string): Promise<string> {
  return tsc("-p", `test/${name}/tsconfig.json`, "--pretty", "false")
}

async function tsc(...args: ReadonlyArray<string>): Promise<string> {
  const compiler = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root))
  return promisify(execFile)(process.execPath, [compiler, ...args], { cwd: fileURLToPath(root) }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { readonly stdout: string }) => stdout
  )
}

/** Code without comments and string literals. */
function withoutTexts(code: string): string {
  return code.replace(/\/\*[^]*?\*\/|\/\/.*|"(?:[^"\\]|\\.)*"|`[^`]*`/g, "")
}

/** The compiler's messages by file, each with the lines that belong to it. */
function read(output: string): ReadonlyMap<string, ReadonlyArray<Message>> {
  const byFile = new Map<string, Array<Message>>()
  for (const part of output.split(/\n(?=\S)/)) {
    const [, file, line, text] = /^test\/types\/([^(]+)\((\d+),\d+\): error TS\d+: ([^]*)$/.exec(part) ?? []
    if (file === undefined || text === undefined) {
      if (part.trim() !== "") throw new Error(`The compiler says something else: ${part}`)
      continue
    }
    byFile.set(file, [...byFile.get(file) ?? [], { line: Number(line), text }])
  }
  return byFile
}

/** The `// error:` lines of a file, joined where they follow each other, with the line they are about. */
function expectations(source: string): ReadonlyArray<Message> {
  const found: Array<Message> = []
  let pending: Array<string> = []
  for (const [index, line] of source.split("\n").entries()) {
    const text = /^\/\/ error: (.*)$/.exec(line)?.[1]
    if (text !== undefined) pending.push(text)
    else if (pending.length > 0) {
      found.push({ line: index + 1, text: pending.join("\n") })
      pending = []
    }
  }
  return found
}
