/** The tags of visual novels, in the form that their pages show them: the part of a page that changes by votes on tags. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Facts } from "./facts.ts"
import { snapshotVersion } from "./facts/sql.ts"
import { inherited, tags } from "./facts/vn.ts"

export const findVnTags = <A>(input: { readonly ids: ReadonlyArray<string> }) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql.unsafe<Omit<Facts<A>, "revision">>(statement, [JSON.stringify(input.ids)])
  )

const statement = `select wanted.id, ${snapshotVersion} as version,
    case when v.id is null then null else json_build_object('tags', ${tags}, 'inherited', ${inherited}) end as facts
  from json_array_elements_text($1::json) as wanted(id) left join active_vn v on v.id = wanted.id`
