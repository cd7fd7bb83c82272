/**
 * The stand-in for Meilisearch as a process of its own: `node meiliStandInMain.ts [port]`. Prints its URL on stdout, alone
 * on a line, and runs until it gets SIGTERM or SIGINT.
 */
import * as MeiliStandIn from "./MeiliStandIn.ts"

const server = await MeiliStandIn.start({ port: Number(process.argv[2] ?? 0) })
process.stdout.write(`${server.url}\n`)
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void server.close())
