/**
 * The stand-in for MongoDB as a process of its own: `node mongoStandInMain.ts [port]`. Prints its URL on stdout, alone
 * on a line, and runs until it gets SIGTERM or SIGINT.
 */
import * as MongoStandIn from "./MongoStandIn.ts"

const server = await MongoStandIn.start(Number(process.argv[2] ?? 0))
process.stdout.write(`${server.url}\n`)
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void server.close())
