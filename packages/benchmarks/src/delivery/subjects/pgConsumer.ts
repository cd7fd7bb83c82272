/** A bare consumer of a table on `pg`: takes a hundred rows in a transaction, `JSON.parse`, deletes them. */
import { Client } from "pg"
import { environment } from "../connections.ts"
import type { Round } from "../round.ts"
import { tally } from "../round.ts"

export const prepare = async () => {
  const client = new Client({ connectionString: environment("DATABASE_URL") })
  await client.connect()
  const { expect, tick } = tally()
  return async ({ count, prefetch }: { readonly count: number; readonly prefetch: number }): Promise<Round> => {
    const finished = expect(count)
    for (;;) {
      await client.query("begin")
      const { rows } = await client.query<{ readonly id: string; readonly data: Buffer }>({
        name: "take",
        text: "select id, data from bare_queue order by id limit $1 for update skip locked",
        values: [prefetch]
      })
      for (const { data } of rows) {
        const { n } = JSON.parse(data.toString()) as { readonly n: number }
        if (n >= 0) tick()
      }
      await client.query({
        name: "settle",
        text: "delete from bare_queue where id = any($1::bigint[])",
        values: [rows.map(({ id }) => id)]
      })
      await client.query("commit")
      if (rows.length === 0) return finished
    }
  }
}
