/** `npm run -s bench -- NAME [--quick]`: measures ours beside a peer, in turn, in one run. */
import { parseArgs } from "node:util"
import { core } from "./core/core.ts"
import { freshness } from "./freshness/freshness.ts"
import { gateway } from "./gateway/gateway.ts"
import { summarise } from "./report.ts"

const benches: Readonly<Record<string, (options: { readonly quick: boolean }) => Promise<void>>> = {
  core,
  gateway,
  freshness
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, help: { type: "boolean", default: false } }
})
const unknown = positionals.find((name) => !(name in benches))
if (values.help || positionals.length === 0 || unknown !== undefined) {
  const list = Object.keys(benches).join(", ")
  process.stderr.write(
    `${
      unknown === undefined ? "" : `There is no benchmark ${unknown}.\n`
    }Usage: npm run -s bench -- NAME [--quick]\nBenchmarks: ${list}\n`
  )
  process.exit(values.help ? 0 : 2)
}
for (const name of positionals) await benches[name]?.({ quick: values.quick })
summarise()
process.exit(0)
