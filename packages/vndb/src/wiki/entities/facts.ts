/**
 * What a public page is made of, as the database has it: one JSON object for each entry, read in one statement together with the
 * version of its snapshot, so that the two belong together. `pages` makes pages and filter fields of it.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { KindName } from "../kinds.ts"
import { characterFacts } from "./facts/character.ts"
import { docFacts, producerFacts, quoteFacts, staffFacts, tagFacts, traitFacts } from "./facts/others.ts"
import { releaseFacts } from "./facts/release.ts"
import { snapshotVersion } from "./facts/sql.ts"
import { vnFacts } from "./facts/vn.ts"

/** Kinds that have a public page, which are all. Of staff it is one for each alias. */
export type PageKind = KindName

export interface Facts<A> {
  readonly id: string
  readonly version: bigint
  readonly revision: number
  /** Null for what is not there, is deleted or is hidden. */
  readonly facts: A | null
}

/** The facts of these pages, one result for each id. */
export const findFacts = <A>(input: { readonly kind: PageKind; readonly ids: ReadonlyArray<string> }) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql.unsafe<Facts<A>>(statements[input.kind], [JSON.stringify(input.ids)])
  )

const statement = ({ from, key, meta, select }: FactsQuery): string => `
  select wanted.id, ${snapshotVersion} as version, coalesce(m.revision, 0) as revision,
    case when ${key} is null then null else json_build_object(${select}) end as facts
  from json_array_elements_text($1::json) as wanted(id) ${from}
  left join entry_meta m on m.id = ${meta}`

/** How the facts of a kind are read: joins to `wanted`, what is not null when it is there, members of the object. */
export interface FactsQuery {
  readonly from: string
  readonly key: string
  /** Id of the entry that the page is of. */
  readonly meta: string
  readonly select: string
}

const statements: Readonly<Record<PageKind, string>> = {
  vn: statement(vnFacts),
  release: statement(releaseFacts),
  producer: statement(producerFacts),
  character: statement(characterFacts),
  staff: statement(staffFacts),
  tag: statement(tagFacts),
  trait: statement(traitFacts),
  quote: statement(quoteFacts),
  doc: statement(docFacts)
}
