/** The answer of `GET /schema`: what the other requests accept and select, from the tables that they are checked with. */
import { type Labels, languages, media, platforms, staffRoles } from "./Enums.ts"
import { sites } from "./Extlinks.ts"
import { type Endpoint, fields, type Table } from "./Fields.ts"

/** Names of members; null for plain values. `_inherit` names the endpoint whose members there are beside these. */
export interface SchemaFields {
  readonly [name: string]: SchemaFields | string | null
}

/** Values with their labels, members of endpoints, and sites that entries link to. */
export interface Schema {
  readonly enums: Readonly<Record<string, ReadonlyArray<Readonly<Record<string, string | null>>>>>
  readonly api_fields: SchemaFields
  readonly extlinks: Readonly<Record<string, ReadonlyArray<Readonly<Record<string, string>>>>>
}

const fieldsOf = (table: Table): SchemaFields =>
  Object.fromEntries(
    Object.entries(table).map(([name, { inherits, members }]) => [
      name,
      members === undefined
        ? null
        : { ...fieldsOf(members), ...(inherits === undefined ? {} : { _inherit: `/${inherits}` }) }
    ])
  )

const labelled = (labels: Labels) => Object.entries(labels).map(([id, label]) => ({ id, label }))

const linksOf = (entity: string) =>
  Object.entries(sites)
    .filter(([, [, entities]]) => entities.includes(entity))
    .map(([name, [label, , format]]) => ({ name, label, url_format: format }))

/**
 * The schema.
 *
 * @example
 * ```ts
 * import { schema } from "@kanau/vndb/kana/Schema"
 *
 * schema.enums["medium"]?.[0] // => { id: "blr", label: "Blu-ray disc", plural: "Blu-ray discs" }
 * ```
 */
export const schema: Schema = {
  enums: {
    language: labelled(languages),
    platform: labelled(platforms),
    medium: Object.entries(media).map(([id, [label, plural]]) => ({ id, label, plural })),
    staff_role: labelled(staffRoles)
  },
  api_fields: Object.fromEntries(
    (Object.keys(fields) as ReadonlyArray<Endpoint>).map((endpoint) => [`/${endpoint}`, fieldsOf(fields[endpoint])])
  ),
  extlinks: { "/vn": linksOf("v"), "/release": linksOf("r"), "/staff": linksOf("s"), "/producer": linksOf("p") }
}
