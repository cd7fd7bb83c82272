/** `npm run -s bench -- NAME [--quick] [--only CASES]`: measures ours beside a peer, in turn, in one run. */
import { parseArgs } from "node:util"
import { core } from "./core/core.ts"
import { backlog } from "./delivery/backlog.ts"
import { delivery } from "./delivery/delivery.ts"
import { freshness } from "./freshness/freshness.ts"
import { gateway } from "./gateway/gateway.ts"
import { summarise } from "./report.ts"
import { search } from "./search/search.ts"
import { views } from "./views/views.ts"
import { vndb } from "./vndb/vndb.ts"

interface Options {
  readonly quick: boolean
  readonly only?: string
}

const benches: Readonly<Record<string, (options: Options) => Promise<void>>> = {
  core,
  gateway,
  freshness,
  delivery,
  backlog,
  search,
  views,
  vndb
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    help: { type: "boolean", default: false }
  }
})
const unknown = positionals.find((name) => !(name in benches))
if (values.help || positionals.length === 0 || unknown !== undefined) {
  const list = Object.keys(benches).join(", ")
  process.stderr.write(
    `${
      unknown === undefined ? "" : `There is no benchmark ${unknown}.\n`
    }Usage: npm run -s bench -- NAME [--quick] [--only CASES]\nBenchmarks: ${list}\n`
  )
  process.exit(values.help ? 0 : 2)
}
// Whoever breaks off a benchmark ends what it started, too.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1))
for (const name of positionals) {
  await benches[name]?.({ quick: values.quick, ...(values.only === undefined ? {} : { only: values.only }) })
}
summarise()
process.exit(0)
