/** Latency from commit to handler, what a relay costs that has nothing to do, and whether history slows it down. */
import { percentile, report } from "../report.ts"
import type { Options } from "./compare.ts"
import { appendSql, queue } from "./messages.ts"
import { purgeAt } from "./purge.ts"
import { preload } from "./relaying.ts"
import { perSecond } from "./round.ts"
import { database, loadBus, type Servers } from "./servers.ts"
import { launch } from "./subjects.ts"

/** Producer, relay and consumer are processes of their own; nothing else happens. */
export const latency = async (bench: string, servers: Servers): Promise<void> => {
  const count = 200
  const own = await database(servers.postgres.url, "latency", true)
  const environment = { DATABASE_URL: own.url, BUS_URL: servers.rabbitmq.url }
  const [relay, listener, emitter] = await Promise.all([
    launch("idleRelay", environment),
    launch("listener", environment),
    launch("emitter", environment)
  ])
  const measure = async (count: number) => {
    const handled = listener.ask({ count })
    const committed = await emitter.ask({ count, perSecond: 20 })
    return (await handled).slice(0, count).map((at, n) => at - (committed[n] ?? Number.NaN))
  }
  await measure(40)
  const millis = await measure(count)
  if (millis.length !== count || millis.some(Number.isNaN)) throw new Error("an event did not arrive")
  for (const [name, share, atMost] of [["p50", 0.5, 5], ["p99", 0.99, 20]] as const) {
    report({
      bench,
      case: `commit to handler, ${name}`,
      unit: "ms",
      ours: [percentile(millis, share)],
      goal: { atMost }
    })
  }
  await Promise.all([relay, listener, emitter].map(({ child }) => child.stop()))
  await own.close()
}

export const idle = async (bench: string, servers: Servers, options: Options): Promise<void> => {
  const seconds = options.quick ? 5 : 20
  const own = await database(servers.postgres.url, "idle", true)
  const watch = await database(servers.postgres.url, "watch", false)
  const relay = await launch("idleRelay", { DATABASE_URL: own.url, BUS_URL: servers.rabbitmq.url })
  // It takes its shards, and what it did at the start is counted.
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const transactions = async () => {
    const [row] = await watch.query<{ readonly n: string }>(
      "select xact_commit + xact_rollback as n from pg_stat_database where datname = 'idle'"
    )
    return Number(row?.n)
  }
  const before = await transactions()
  const round = await relay.ask({ seconds })
  const after = await transactions()
  report({
    bench,
    case: "idle relay",
    unit: "transactions/s",
    ours: [(after - before) / round.seconds],
    goal: { atMost: 4 }
  })
  report({
    bench,
    case: "idle relay",
    unit: "% CPU",
    ours: [round.cpuSeconds / round.seconds * 100],
    goal: { atMost: 0.5 }
  })
  await relay.child.stop()
  await Promise.all([own.close(), watch.close()])
}

export const growth = async (bench: string, servers: Servers, options: Options): Promise<void> => {
  const count = options.quick ? 5000 : 20_000
  const rounds = options.quick ? 3 : 5
  const BUS_URL = servers.rabbitmq.url
  const bus = loadBus(BUS_URL)
  const { close, purge } = await purgeAt(BUS_URL)
  const logs = []
  for (const rows of [1000, 10_000, 100_000, 1_000_000]) {
    const own = await database(servers.postgres.url, `history_${rows}`, true)
    await own.query(appendSql(rows, false))
    await own.query("vacuum (analyze) kanau.events")
    const [end] = await own.query<{ readonly last: string }>("select max(position) as last from kanau.events")
    const relay = await launch("relay", { DATABASE_URL: own.url, BUS_URL })
    logs.push({ rows, own, relay, last: end?.last ?? "", speeds: [] as Array<number> })
  }
  for (let at = 0; at <= rounds; at++) {
    for (const { last, own, relay, speeds } of at % 2 === 0 ? logs : logs.toReversed()) {
      const round = await relay.ask({ count, last: await preload(own, count) })
      await bus.expectReady(queue.name, count)
      await purge(queue.name)
      await own.query("delete from kanau.events where position > $1", [last])
      await own.query("vacuum (analyze) kanau.events")
      if (at > 0) speeds.push(perSecond(round))
    }
    process.stderr.write(`growth: ${logs.map(({ speeds }) => speeds.at(-1) ?? "warm").join(" ")}\n`)
  }
  for (const { rows, speeds } of logs) {
    report({ bench, case: `relay over ${rows} rows of history`, unit: "messages/s", ours: speeds })
  }
  const medians = logs.map(({ speeds }) => percentile(speeds, 0.5))
  report({
    bench,
    case: "growth, slowest history beside fastest",
    unit: "messages/s",
    ours: [Math.min(...medians)],
    peer: { name: "fastest", rounds: [Math.max(...medians)] },
    goal: { atLeast: 0.9 }
  })
  await Promise.all(logs.map(({ relay }) => relay.child.stop()))
  await Promise.all([...logs.map(({ own }) => own.close()), close(), bus.close()])
}
