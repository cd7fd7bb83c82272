/** BullMQ with fifty jobs at a time. */
import { Queue, Worker } from "bullmq"
import { environment } from "../connections.ts"
import type { Round } from "../round.ts"
import { stopwatch } from "../round.ts"

const name = "noop"

export const prepare = async () => {
  const { hostname: host, port } = new URL(environment("REDIS_URL"))
  const connection = { host, port: Number(port), maxRetriesPerRequest: null }
  const queue = new Queue(name, { connection })
  return async ({ count }: { readonly count: number }): Promise<Round> => {
    const text = "x".repeat(250)
    for (let n = 0; n < count; n += 500) {
      const opts = { removeOnComplete: true }
      await queue.addBulk(
        Array.from({ length: Math.min(500, count - n) }, (_, at) => ({ name, data: { n: n + at, text }, opts }))
      )
    }
    const stop = stopwatch()
    let left = count
    const { promise, resolve } = Promise.withResolvers<Round>()
    const worker = new Worker(name, async () => {
      if (--left === 0) resolve(stop(count))
    }, { connection, concurrency: 50 })
    const round = await promise
    await worker.close()
    const { active, waiting } = await queue.getJobCounts("active", "waiting")
    if (active !== 0 || waiting !== 0) throw new Error(`${active} active and ${waiting} waiting jobs are left`)
    return round
  }
}
