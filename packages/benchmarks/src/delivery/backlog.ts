/** `bench backlog`: how much memory a consumer takes while it drains a million messages. */
import { readFileSync } from "node:fs"
import { report } from "../report.ts"
import type { Options } from "./compare.ts"
import { queue } from "./messages.ts"
import { perSecond } from "./round.ts"
import { loadBus, startServers } from "./servers.ts"
import { launch } from "./subjects.ts"

const bench = "backlog"

export const backlog = async (options: Options): Promise<void> => {
  const count = options.quick ? 100_000 : 1_000_000
  const servers = await startServers()
  try {
    const BUS_URL = servers.rabbitmq.url
    const bus = loadBus(BUS_URL)
    const consumer = await launch("consumer", { BUS_URL })
    const step = 50_000
    for (let filled = 0; filled < count; filled += step) {
      await bus.fill(step)
      process.stderr.write(`${bench}: ${filled + step} of ${count} published\n`)
    }
    await bus.expectReady(queue.name, count)
    let highest = 0
    const sampling = setInterval(() => {
      const status = readFileSync(`/proc/${consumer.child.pid}/status`, "utf8")
      highest = Math.max(highest, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
    }, 100)
    const round = await consumer.ask({ count, prefetch: 100 })
    clearInterval(sampling)
    await bus.expectReady(queue.name, 0)
    const name = `consumer draining ${count} messages`
    report({ bench, case: name, unit: "MB of memory", ours: [highest], goal: { atMost: 200 } })
    report({ bench, case: name, unit: "messages/s", ours: [perSecond(round)] })
    await Promise.all([consumer.child.stop(), bus.close()])
  } finally {
    await servers.stop()
  }
}
