/**
 * What the compiler says about mistakes. Each file in `test/types` makes some; a mistake has lines `// error: TEXT`
 * above it, each the text of one line of the compiler's message or a part of it. Anything else must compile.
 */
import { execFile } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
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

beforeAll(async () => {
  const compiler = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root))
  const args = [compiler, "-p", fileURLToPath(new URL("tsconfig.json", folder)), "--pretty", "false"]
  const output = await promisify(execFile)(process.execPath, args, { cwd: fileURLToPath(root) }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { readonly stdout: string }) => stdout
  )
  messages = read(output)
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
