/**
 * `bench delivery`: relay, consumer, producer, inbox, latency, growth and idle cost of messaging on real servers, each
 * started once for the run. What is measured is a process of its own; the rounds of ours and of its peers come in turn,
 * with the same durability on both sides, and a round counts only when nothing was lost in it.
 */
import type { Options } from "./compare.ts"
import { consuming } from "./consuming.ts"
import { growth, idle, latency } from "./living.ts"
import { relaying } from "./relaying.ts"
import { type Servers, startServers } from "./servers.ts"
import { inboxing, producing } from "./storing.ts"

const bench = "delivery"

const cases: Readonly<Record<string, (bench: string, servers: Servers, options: Options) => Promise<void>>> = {
  relaying,
  consuming,
  producing,
  inboxing,
  latency,
  growth,
  idle
}

export const delivery = async (options: Options): Promise<void> => {
  process.stderr.write(`${durability}\n`)
  const servers = await startServers()
  try {
    for (const [name, measure] of Object.entries(cases)) {
      if (options.only === undefined || options.only.split(",").includes(name)) await measure(bench, servers, options)
    }
  } finally {
    await servers.stop()
  }
}

const durability = "Durability: PostgreSQL with fsync and synchronous_commit on; RabbitMQ " +
  "quorum queues, persistent messages, confirms, an acknowledgement per message; JetStream file storage, acknowledged " +
  "explicitly, synced every two minutes; Redis with its log synced every second."
