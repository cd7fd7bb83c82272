/** graphile-worker in its batched mode. */
import { Logger, makeWorkerUtils, run } from "graphile-worker"
import { environment } from "../connections.ts"
import type { Round } from "../round.ts"
import { stopwatch } from "../round.ts"

export const prepare = async () => {
  const connectionString = environment("DATABASE_URL")
  const logger = new Logger(() => () => undefined)
  const utils = await makeWorkerUtils({ connectionString, logger })
  await utils.migrate()
  return async ({ count }: { readonly count: number }): Promise<Round> => {
    await utils.withPgClient((client) =>
      client.query(
        "select graphile_worker.add_job('noop', json_build_object('n', n, 'text', repeat('x', 250))) from generate_series(1, $1::int) n",
        [count]
      )
    )
    const stop = stopwatch()
    let left = count
    const { promise, resolve } = Promise.withResolvers<Round>()
    const runner = await run({
      connectionString,
      logger,
      concurrency: 24,
      maxPoolSize: 26,
      noHandleSignals: true,
      taskList: {
        noop: async () => {
          if (--left === 0) resolve(stop(count))
        }
      },
      preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } }
    })
    const round = await promise
    await runner.stop()
    const { rows } = await utils.withPgClient((client) =>
      client.query<{ readonly n: string }>("select count(*) as n from graphile_worker.jobs")
    )
    if (rows[0]?.n !== "0") throw new Error(`${rows[0]?.n} jobs are left`)
    return round
  }
}
