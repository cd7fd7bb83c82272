/** Where the data are from, as `wiki_source` has it. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SourceFacts } from "../pages/source.ts"
import { snapshotVersion } from "./facts/sql.ts"

interface Found {
  readonly id: string
  readonly version: bigint
  /** Null for what is not there. */
  readonly facts: SourceFacts | null
}

/** What is known of these, one result for each id, with the version of the snapshot. */
export const findSources = (input: { readonly ids: ReadonlyArray<string> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.unsafe<Found>(
      `select wanted.id, ${snapshotVersion} as version, case when s.name is not null then json_build_object(
        'dumped_at', to_char(s.dumped_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'attribution', s.attribution) end as facts
      from json_array_elements_text($1::json) as wanted(id) left join wiki_source s on s.name = wanted.id`,
      [JSON.stringify(input.ids)]
    ))

/** All of them, those behind `after`. */
export const sourceNames = (input: { readonly after: string | undefined; readonly limit: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ name: string }>`select name from wiki_source where name collate "C" > ${input.after ?? ""}
        order by name collate "C" limit ${input.limit}`,
      (rows) => rows.map(({ name }) => name)
    ))
