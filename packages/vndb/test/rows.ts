/** Rows straight into the tables, for tests of what is derived from them. Members that are not named have the value of most rows. */
import { Database } from "@kanau/postgres"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const text = { alias: "", description: "" }
const flags = { hidden: false, locked: false }

/** Values of columns that may not be null, where a test does not care. */
const usual = {
  vn: { olang: "ja", length: 0, devstatus: 0, ...text, ...flags },
  vn_titles: { lang: "ja", official: true, title: "Title" },
  releases: {
    gtin: 0,
    olang: "ja",
    released: 20_200_101,
    voiced: 0,
    reso_x: 0,
    reso_y: 0,
    ani_story: 0,
    ani_ero: 0,
    has_ero: false,
    patch: false,
    freeware: false,
    official: true,
    catalog: "",
    notes: "",
    ...flags
  },
  releases_titles: { lang: "ja", mtl: false, title: "Title" },
  releases_vn: { rtype: "complete" },
  releases_platforms: {},
  releases_producers: { developer: true, publisher: false },
  releases_images: { itype: "pkgfront" },
  images: { width: 256, height: 400 },
  image_votes: { date: "2020-01-01", sexual: 0, violence: 0, ignore: false },
  vn_image_votes: {},
  vn_length_votes: { date: "2020-01-01", speed: 1, rid: [], notes: "" },
  vn_dumped: { lengthnum: 0 },
  users: { ign_votes: false, perm_imgvote: true, perm_tag: true, perm_lengthvote: true },
  ulist_vns: { added: "2020-01-01", lastmod: "2020-01-01", notes: "", labels: [] },
  producers: { type: "co", lang: "ja", name: "Producer", ...text, ...flags },
  tags: { cat: "cont", defaultspoil: 0, searchable: true, applicable: true, name: "Tag", ...text, ...flags },
  tags_parents: { main: true },
  tags_vn: { date: "2020-01-01", vote: 3, ignore: false, notes: "" },
  traits: {
    gorder: 0,
    defaultspoil: 0,
    sexual: false,
    searchable: true,
    applicable: true,
    name: "Trait",
    ...text,
    ...flags
  },
  traits_parents: { main: true },
  chars: {
    bloodt: "unknown",
    cup_size: "",
    sex: "",
    main_spoil: 0,
    s_bust: 0,
    s_waist: 0,
    s_hip: 0,
    height: 0,
    description: "",
    ...flags
  },
  chars_names: { name: "Name" },
  chars_vns: { role: "main", spoil: 0 },
  chars_traits: { spoil: 0, lie: false }
} as const

type Table = keyof typeof usual
type Rows = { readonly [T in Table]?: ReadonlyArray<object> }

/** Inserts them in the order given, in one transaction, so that tables may refer to each other. */
export const put = (rows: Rows) =>
  Database.transaction(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.forEach(Object.entries(rows), ([table, some]) => {
        const values = some.map((row) => ({ ...usual[table as Table], ...row }))
        return sql.unsafe(
          `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
          [JSON.stringify(values)]
        )
      }, { discard: true }))
  )

export interface ReleaseRow {
  readonly id: string
  /** Visual novels, with the type of release where it is not complete. */
  readonly of: Readonly<Record<string, string>>
  readonly langs?: ReadonlyArray<string>
  readonly mtl?: ReadonlyArray<string>
  readonly platforms?: ReadonlyArray<string>
  readonly developers?: ReadonlyArray<string>
  readonly images?: ReadonlyArray<object>
  readonly row?: object
}

/** Visual novels, each with a title in its language. */
export const vns = (...rows: ReadonlyArray<{ readonly id: string; readonly olang?: string }>) =>
  put({ vn: rows, vn_titles: rows.map(({ id, olang = "ja" }) => ({ id, lang: olang })) })

/** Releases with what belongs to them. */
export const releases = (...rows: ReadonlyArray<ReleaseRow>) =>
  put({
    releases: rows.map(({ id, langs = ["ja"], row }) => ({ id, olang: langs[0], ...row })),
    releases_titles: rows.flatMap(({ id, langs = ["ja"], mtl = [] }) => [
      ...langs.map((lang) => ({ id, lang })),
      ...mtl.map((lang) => ({ id, lang, mtl: true }))
    ]),
    releases_vn: rows.flatMap(({ id, of }) => Object.entries(of).map(([vid, rtype]) => ({ id, vid, rtype }))),
    releases_platforms: rows.flatMap(({ id, platforms = [] }) => platforms.map((platform) => ({ id, platform }))),
    releases_producers: rows.flatMap(({ developers = [], id }) => developers.map((pid) => ({ id, pid }))),
    releases_images: rows.flatMap(({ id, images = [] }) => images.map((image) => ({ id, ...image })))
  })

/** Users u1 to so many. */
export const users = (count: number) => put({ users: Array.from({ length: count }, (_, at) => ({ id: `u${at + 1}` })) })
