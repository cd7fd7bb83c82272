/**
 * How long the compiler takes over somebody who uses the core: operations with five layers each, one service of all of
 * them, and a call of each. The consumer reads the built declarations, as it would after `npm install`.
 */
import { spawn } from "node:child_process"
import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { report } from "../report.ts"

const repository = fileURLToPath(new URL("../../../../", import.meta.url))
const folder = join(repository, "reports", "bench-types")
const tsc = join(repository, "node_modules", "typescript", "bin", "tsc")
const operationsPerFile = 10

export const types = async (options: { readonly bench: string; readonly rounds: number }): Promise<void> => {
  const { bench, rounds } = options
  await compile(["-b", join(repository, "packages", "core")])
  const sizes = [0, 100, 500] as const
  for (const operations of sizes) await generate(operations)
  const seconds = new Map<number, Array<number>>(sizes.map((operations) => [operations, []]))
  for (let round = 0; round < rounds; round++) {
    for (const operations of sizes) {
      seconds.get(operations)?.push(await compile(["-p", join(folder, String(operations))]))
    }
  }
  const of = (operations: number) => seconds.get(operations) ?? []
  report({ bench, case: "types, imports alone", unit: "s", ours: of(0) })
  report({ bench, case: "types, 100 operations x 5 layers", unit: "s", ours: of(100), goal: { atMost: 2 } })
  report({
    bench,
    case: "types, 500 operations x 5 layers",
    unit: "s",
    ours: of(500),
    peer: { name: "100 operations", rounds: of(100) },
    goal: { atMost: 5 }
  })
  await rm(folder, { recursive: true, force: true })
}

/** Runs the compiler; answers the seconds it took. */
const compile = async (options: ReadonlyArray<string>): Promise<number> => {
  const began = performance.now()
  const child = spawn(process.execPath, [tsc, ...options], { stdio: ["ignore", "pipe", "inherit"] })
  const output: Array<Buffer> = []
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve))
  if (code !== 0) throw new Error(`tsc ${options.join(" ")}: ${Buffer.concat(output).toString().slice(0, 2000)}`)
  return (performance.now() - began) / 1000
}

/** Writes a consumer with so many operations, a few to a file. */
const generate = async (operations: number): Promise<void> => {
  const own = join(folder, String(operations))
  await rm(own, { recursive: true, force: true })
  await mkdir(own, { recursive: true })
  await writeFile(join(own, "package.json"), JSON.stringify({ type: "module", private: true }))
  await writeFile(join(own, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }))
  const files = Math.ceil(operations / operationsPerFile)
  for (let file = 0; file < files; file++) {
    const numbers = Array.from({ length: operationsPerFile }, (_, at) => file * operationsPerFile + at)
    await writeFile(join(own, `Part${file}.ts`), `${imports}${numbers.map(operation).join("")}`)
  }
  await writeFile(join(own, "main.ts"), main(operations))
}

const compilerOptions = {
  target: "es2024",
  lib: ["es2024"],
  types: [],
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true
}

const imports = `import { Fault, Layers, Operation, Processor } from "@kanau/core"
import { Effect, pipe, Schema } from "effect"
`

const operation = (n: number): string => `
export class Missing${n} extends Fault.define<Missing${n}>()("Missing${n}", "not-found", { id: Schema.String },
  (fault) => \`There is no thing \${fault.id}.\`) {}
export class Find${n} extends Operation.define<Find${n}>()("Find${n}", {
  input: { id: Schema.String, page: Schema.Number, words: Schema.Array(Schema.String) },
  output: Schema.Struct({ title: Schema.String, at${n}: Schema.Number }),
  errors: [Missing${n}, Layers.PermissionDenied]
}) {}
export const on${n} = Processor.on(Find${n}, pipe(
  ({ id, page }: Find${n}) => id === ""
    ? Effect.fail(new Missing${n}({ id }))
    : Effect.succeed({ title: id, at${n}: page }),
  Layers.timeout("Find${n}", "2 seconds"),
  Layers.retry({ times: 3 }),
  Layers.cache({ capacity: 100, timeToLive: "1 minute", key: ({ id }: Find${n}) => id }),
  Layers.authorize(({ id }: Find${n}) => Effect.succeed(id !== "secret")),
  Layers.meter("Find${n}")
))
`

const main = (operations: number): string => {
  const numbers = Array.from({ length: operations }, (_, n) => n)
  return `${imports}${
    numbers.map((n) =>
      `import { Find${n}, type Missing${n}, on${n} } from "./Part${Math.floor(n / operationsPerFile)}.ts"\n`
    ).join("")
  }
export const service = Processor.serve(${numbers.map((n) => `on${n}`).join(", ")})
${
    numbers.map((n) => `
export const call${n}: Effect.Effect<
  { readonly title: string; readonly at${n}: number },
  Missing${n} | Layers.PermissionDenied | Fault.TimedOut
> = service.process(new Find${n}({ id: "a", page: 1, words: [] }))`).join("")
  }
export const used = [Fault, Layers, Operation, Processor, Effect, pipe, Schema]
`
}
