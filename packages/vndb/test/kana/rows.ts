/** Rows put straight into the tables, without references being looked at. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export type Row = Readonly<Record<string, unknown>>
export type Tables = Readonly<Record<string, ReadonlyArray<Row>>>

const rowsPerStatement = 2000

/** Inserts rows that all have the same members. */
export const insert = (table: string, rows: ReadonlyArray<Row>) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const columns = Object.keys(rows[0] ?? {}).join(", ")
    for (let at = 0; at < rows.length; at += rowsPerStatement) {
      yield* sql.unsafe(
        `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1::json)`,
        [JSON.stringify(rows.slice(at, at + rowsPerStatement))]
      )
    }
  })

/** Inserts into many tables. */
export const fill = (tables: Tables) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql.withTransaction(Effect.gen(function*() {
      yield* sql`set local session_replication_role = replica`
      for (const [table, rows] of Object.entries(tables)) {
        // Rows with the same members go together.
        for (const some of Map.groupBy(rows, (row) => Object.keys(row).join()).values()) {
          yield* insert(table, some.map((row) => ({ ...defaults[table], ...row })))
        }
      }
    }))
  })

/** Columns that are not said, of rows written by hand. */
const defaults: Readonly<Record<string, Row>> = {
  vn: { olang: "ja", devstatus: 0, length: 0, alias: "", description: "", image: null, hidden: false, locked: false },
  vn_titles: { official: true, latin: null },
  releases: {
    gtin: 0,
    olang: "ja",
    released: 20_200_101,
    voiced: 0,
    reso_x: 0,
    reso_y: 0,
    minage: null,
    ani_story: 0,
    ani_ero: 0,
    has_ero: false,
    patch: false,
    freeware: false,
    uncensored: null,
    official: true,
    catalog: "",
    notes: "",
    engine: null,
    hidden: false,
    locked: false
  },
  releases_titles: { mtl: false, latin: null },
  releases_vn: { rtype: "complete" },
  releases_producers: { developer: true, publisher: false },
  releases_images: { vid: null, itype: "pkgfront", lang: null },
  producers: {
    type: "co",
    lang: "ja",
    latin: null,
    alias: "",
    description: "",
    hidden: false,
    locked: false
  },
  chars: {
    image: null,
    bloodt: "unknown",
    cup_size: "",
    sex: "",
    spoil_sex: null,
    gender: null,
    spoil_gender: null,
    main: null,
    main_spoil: 0,
    s_bust: 0,
    s_waist: 0,
    s_hip: 0,
    birthday: null,
    height: 0,
    weight: null,
    age: null,
    description: "",
    hidden: false,
    locked: false
  },
  chars_names: { lang: "ja", latin: null },
  chars_vns: { rid: null, role: "main", spoil: 0 },
  chars_traits: { spoil: 0, lie: false },
  staff: { gender: "", lang: "ja", description: "", prod: null, hidden: false, locked: false },
  staff_alias: { latin: null },
  vn_staff: { eid: null, note: "", role: "scenario" },
  vn_seiyuu: { note: "" },
  tags: {
    cat: "cont",
    defaultspoil: 0,
    searchable: true,
    applicable: true,
    alias: "",
    description: "",
    hidden: false,
    locked: false
  },
  tags_parents: { main: true },
  tags_vn: { date: "2020-01-01", uid: null, vote: 3, spoiler: null, ignore: false, lie: null, notes: "" },
  traits: {
    gid: null,
    gorder: 0,
    defaultspoil: 0,
    sexual: false,
    searchable: true,
    applicable: true,
    alias: "",
    description: "",
    hidden: false,
    locked: false
  },
  traits_parents: { main: true },
  quotes: { cid: null, score: 1, hidden: false, locked: false },
  images: { width: 300, height: 400 },
  users: { ign_votes: false, perm_imgvote: true, perm_tag: true, perm_lengthvote: true },
  ulist_labels: { private: false },
  ulist_vns: {
    added: "2020-01-02",
    lastmod: "2020-01-03",
    vote_date: null,
    started: null,
    finished: null,
    vote: null,
    notes: "",
    labels: []
  },
  rlists: { added: "2020-01-02", status: 2 },
  vn_length_votes: { date: "2020-01-01", speed: 1, rid: [], notes: "", lang: null }
}
