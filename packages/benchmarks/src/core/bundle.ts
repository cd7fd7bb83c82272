/** What the core adds to a bundle; `effect` is not counted. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"
import { type Goal, report } from "../report.ts"

export const bundle = async (options: { readonly bench: string }): Promise<void> => {
  await size(options.bench, "everything", "export * from \"@kanau/core\"", { atMost: 25 })
  await size(
    options.bench,
    "Processor, Operation and Fault",
    "export { Fault, Operation, Processor } from \"@kanau/core\""
  )
}

const size = async (bench: string, name: string, code: string, goal?: Goal): Promise<void> => {
  const entry = "\0entry"
  const built = await rolldown({
    input: entry,
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    external: [/^effect(\/|$)/, /^node:/],
    resolve: { conditionNames: ["@kanau/source", "import"] },
    plugins: [{
      name: "entry",
      resolveId: (id) => id === entry ? id : undefined,
      load: (id) => id === entry ? code : undefined
    }]
  })
  const { output: [chunk, ...others] } = await built.generate({ format: "esm", minify: true })
  await built.close()
  if (others.length > 0) throw new Error(`${name}: more than one chunk`)
  const minified = Buffer.from(chunk.code)
  const kilo = (bytes: number) => [bytes / 1000]
  report({
    bench,
    case: `bundle of ${name}, minified`,
    unit: "kB",
    ours: kilo(minified.length),
    ...(goal === undefined ? {} : { goal })
  })
  report({ bench, case: `bundle of ${name}, gzip`, unit: "kB", ours: kilo(gzipSync(minified).length) })
}
