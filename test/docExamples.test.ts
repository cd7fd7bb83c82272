/**
 * The examples in doc comments are programs. Each fence that imports something is compiled, all of them at once, and
 * run; a line `EXPRESSION // => VALUE` is an assertion. Every value that `@kanau/core` exports must have one.
 */
import { execFile } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, beforeAll, describe, it } from "vitest"

const root = new URL("..", import.meta.url)
const folder = new URL("reports/examples/", root)

interface Example {
  /** `packages/core/src/Fault.ts:12` */
  readonly at: string
  readonly file: URL
  readonly code: string
}

const sources = globSync("packages/*/src/**/*.ts", { cwd: fileURLToPath(root) }).sort()
const examples = sources.flatMap(examplesOf)

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { file, code } of examples) writeFileSync(file, program(code))
  writeFileSync(
    new URL("tsconfig.json", folder),
    JSON.stringify({
      extends: "../../tsconfig.check.json",
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ["."]
    })
  )
}, 60_000)

describe("examples in doc comments", () => {
  it("all compile", async () => {
    const compiler = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root))
    const args = [compiler, "-p", fileURLToPath(folder), "--pretty", "false"]
    const output = await promisify(execFile)(process.execPath, args).then(
      () => "",
      ({ stdout }: { readonly stdout: string }) => stdout
    )
    assert.strictEqual(output, "")
  }, 120_000)

  for (const { at, file } of examples) {
    it(at, async () => {
      const { assertions } = await import(/* @vite-ignore */ fileURLToPath(file)) as { readonly assertions: number }
      assert.isAbove(assertions, 0, "it shows no result: write `EXPRESSION // => VALUE`")
    })
  }

  it("every value that the core exports has a doc comment with an example", () => {
    const without = sources.filter((path) => /^packages\/core\/src\/(?!internal\/)/.test(path)).flatMap((path) => {
      const source = readFileSync(new URL(path, root), "utf8")
      return [
        ...source.matchAll(/(?:(\/\*\*(?:(?!\*\/)[^])*\*\/)\n)?export (?:const|class|function|abstract class) (\w+)/g)
      ]
        .filter(([, comment = ""]) => !comment.includes("```ts"))
        .map(([, , name]) => `${path}: ${name}`)
    })
    assert.deepStrictEqual(without, [])
  })

  it("every type that the core exports has a doc comment", () => {
    const without = sources.filter((path) => /^packages\/core\/src\/(?!internal\/)/.test(path)).flatMap((path) =>
      [...readFileSync(new URL(path, root), "utf8").matchAll(/(\*\/\n)?export (?:interface|type) (\w+)/g)]
        .filter(([, comment]) => comment === undefined)
        .map(([, , name]) => `${path}: ${name}`)
    )
    assert.deepStrictEqual(without, [])
  })
})

function examplesOf(path: string): ReadonlyArray<Example> {
  const source = readFileSync(new URL(path, root), "utf8")
  const found: Array<Example> = []
  for (const match of source.matchAll(/^ *\* ```ts\n((?: *\*.*\n)*?) *\* ```$/gm)) {
    const code = (match[1] ?? "").replace(/^ *\* ?/gm, "")
    if (!/^import /m.test(code)) continue
    const line = source.slice(0, match.index).split("\n").length
    const name = `${path.split("/")[1]}-${basename(path, ".ts")}-${line}.ts`
    found.push({ at: `${path}:${line}`, file: new URL(name, folder), code })
  }
  return found
}

/** The example with its assertions made. */
function program(code: string): string {
  let assertions = 0
  const lines = code.split("\n").map((line) => {
    const [, indent = "", expression, value] = /^(\s*)(.+?);? \/\/ => (.+)$/.exec(line) ?? []
    if (expression === undefined || value === undefined) return line
    assertions++
    return `${indent}assert.deepStrictEqual<unknown>(${expression}, ${value})`
  })

  return `import { assert } from "vitest"\n${lines.join("\n")}\nexport const assertions = ${assertions}\n`
}
