/** Makes messages of what a replication slot sends. */
import type { Envelope } from "@kanau/core"
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { createHash } from "node:crypto"
import type { Pgoutput } from "pg-logical-replication"
import { type Captured, publishedOf, sourceOf, typeOf } from "./captured.ts"
import { type Item, parse } from "./stream.ts"
import type { Field, Values } from "./values.ts"

/** What came of some items. */
interface Batch {
  readonly envelopes: ReadonlyArray<Envelope.Envelope>
  /** What may be confirmed once all of them are published. */
  readonly confirm: bigint | undefined
}

export interface Changes {
  readonly read: (items: ReadonlyArray<Item>) => Effect.Effect<Batch, SqlError.SqlError>
}

type Row = ReadonlyArray<Field>
type Tuple = Readonly<Record<string, string | null | undefined>>

interface Draft {
  readonly id: string
  readonly table: Captured
  readonly operation: "insert" | "update" | "delete" | "truncate"
  readonly order: bigint
  readonly time: string
  readonly key: Row | undefined
  readonly now: Row | undefined
  readonly before: Row | undefined
}

/** `system` tells the ids of this database cluster from those of others. */
export const make = (options: {
  readonly name: string
  readonly system: string
  readonly tables: ReadonlyArray<Captured>
  readonly values: Values
}): Changes => {
  const { name, system, values } = options
  const tables = new Map(options.tables.map((table) => [table.oid, table]))
  const published = new Map(options.tables.map((table) => [table.oid, publishedOf(table)]))
  /** When the transaction that is being read was committed, in microseconds; nothing between transactions. */
  let committed: number | undefined
  let lastLsn = 0n
  let sameLsn = 0

  const row = (relation: Pgoutput.MessageRelation, tuple: Tuple | null): Row | undefined => {
    if (tuple === null) return undefined
    const wanted = published.get(relation.relationOid)
    return relation.columns.filter((column) => wanted?.includes(column.name) ?? true).map((column) => {
      const field: Field = { name: column.name, json: undefined }
      values.set(field, column.typeOid, tuple[column.name])
      return field
    })
  }

  const draft = (
    lsn: bigint,
    table: Captured,
    operation: Draft["operation"],
    rows: { readonly key?: Row | undefined; readonly now?: Row | undefined; readonly before?: Row | undefined }
  ): Draft => {
    // One record of the log can hold many rows.
    sameLsn = lsn === lastLsn ? sameLsn + 1 : 0
    lastLsn = lsn
    return {
      id: `${system}-${committed ?? 0}-${lsn.toString(16)}-${sameLsn}`,
      table,
      operation,
      order: lsn,
      time: new Date((committed ?? 0) / 1000).toISOString(),
      key: rows.key ?? keyOf(table, rows.now ?? rows.before),
      now: rows.now,
      before: rows.before
    }
  }

  const drafts = (lsn: bigint, message: Pgoutput.Message): ReadonlyArray<Draft> => {
    if (message.tag === "truncate") {
      return message.relations.flatMap(({ relationOid }) => {
        const table = tables.get(relationOid)
        return table === undefined ? [] : [draft(lsn, table, "truncate", {})]
      })
    }
    if (message.tag !== "insert" && message.tag !== "update" && message.tag !== "delete") return []
    const table = tables.get(message.relation.relationOid)
    if (table === undefined) return []
    const now = message.tag === "delete" ? undefined : row(message.relation, message.new)
    if (message.tag === "insert") return [draft(lsn, table, "insert", { now })]
    const before = row(message.relation, message.old ?? message.key)?.filter((field) => hasValue(message, field))
    if (message.tag === "delete") return [draft(lsn, table, "delete", { before })]
    // Texts tell as much as values: the same column has the same type on both sides.
    const keyChanged = table.key.some((column) => {
      const old = (message.old ?? message.key)?.[column] as string | null | undefined
      return old !== undefined && old !== message.new[column]
    })
    return keyChanged
      ? [draft(lsn, table, "delete", { before }), draft(lsn, table, "insert", { now })]
      : [draft(lsn, table, "update", { now, before: message.old === null ? undefined : before })]
  }

  const read: Changes["read"] = (items) =>
    Effect.suspend(() => {
      const found: Array<Draft> = []
      let confirm: bigint | undefined
      for (const item of items) {
        if (item._tag === "Nothing") {
          if (committed === undefined) confirm = item.lsn
          continue
        }
        const { lsn, message } = item
        if (message.tag === "begin") committed = Number(message.commitTime)
        else if (message.tag === "commit") {
          committed = undefined
          confirm = message.commitEndLsn === null ? confirm : parse(message.commitEndLsn)
        } else found.push(...drafts(lsn, message))
      }
      return Effect.map(values.settle, () => ({ envelopes: found.map((each) => seal(name, each)), confirm }))
    })

  return { read }
}

const hasValue = (message: Pgoutput.MessageUpdate | Pgoutput.MessageDelete, field: Field): boolean =>
  (message.old ?? message.key)?.[field.name] !== undefined

/** A key column that is not there has been renamed or dropped. */
const keyOf = (table: Captured, row: Row | undefined): Row | undefined =>
  row && table.key.flatMap((column) => row.find(({ name }) => name === column) ?? [])

/** Written by hand, so that numbers keep all of their digits. */
const object = (row: Row | undefined): string =>
  row === undefined
    ? "null"
    : `{${row.flatMap(({ json, name }) => json === undefined ? [] : [`${JSON.stringify(name)}:${json}`]).join()}}`

const seal = (name: string, { before, id, key, now, operation, order, table, time }: Draft): Envelope.Envelope => {
  const replaced = operation === "update"
    ? before?.filter((old) => {
      const json = now?.find((field) => field.name === old.name)?.json
      return json !== undefined && json !== old.json
    })
    : before
  const changed = operation === "update" ? replaced?.map((field) => field.name).toSorted() ?? null : null
  const unchanged = now?.filter(({ json }) => json === undefined).map((field) => field.name) ?? []
  const data = `{"operation":"${operation}","table":${JSON.stringify(table.table)},"key":${object(key)},"new":${
    object(now)
  },"old":${object(replaced)},"changed":${JSON.stringify(changed)},"unchanged":${
    JSON.stringify(unchanged)
  },"order":"${order}"}`
  return {
    id,
    source: sourceOf(name),
    type: typeOf(table),
    subject: subjectOf(table, key),
    time,
    dataschema: "1",
    datacontenttype: "application/json",
    correlationid: "-",
    data: encoder.encode(data)
  }
}

/** As `kanau.log_change` makes it. */
const subjectOf = (table: Captured, key: Row | undefined): string => {
  if (key === undefined) return table.table
  const path = table.key.map((column) => {
    const json = key.find(({ name }) => name === column)?.json ?? "null"
    if (json === "null") return "%0"
    const text = json.startsWith("\"") ? String(JSON.parse(json)) : json
    return text.replaceAll("%", "%25").replaceAll("/", "%2F")
  }).join("/")
  return `${table.table}/${encoder.encode(path).length > 1000 ? createHash("md5").update(path).digest("hex") : path}`
}

const encoder = new TextEncoder()
