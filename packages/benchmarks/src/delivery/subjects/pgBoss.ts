/** pg-boss, fetching on as long as batches come back full. */
import { PgBoss } from "pg-boss"
import { environment } from "../connections.ts"
import type { Round } from "../round.ts"
import { stopwatch } from "../round.ts"

const queue = "noop"

export const prepare = async () => {
  const boss = new PgBoss({ connectionString: environment("DATABASE_URL"), max: 10 })
  await boss.start()
  await boss.createQueue(queue)
  return async ({ batchSize, count }: { readonly batchSize: number; readonly count: number }): Promise<Round> => {
    const text = "x".repeat(250)
    for (let n = 0; n < count; n += 1000) {
      await boss.insert(
        queue,
        Array.from({ length: Math.min(1000, count - n) }, (_, at) => ({ data: { n: n + at, text } }))
      )
    }
    const stop = stopwatch()
    let left = count
    const { promise, resolve } = Promise.withResolvers<Round>()
    await boss.work(
      queue,
      { batchSize, localConcurrency: 4, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
      async (jobs) => {
        left -= jobs.length
        if (left === 0) resolve(stop(count))
      }
    )
    const round = await promise
    await boss.offWork(queue)
    return round
  }
}
