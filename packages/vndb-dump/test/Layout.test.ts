import { assert, describe, it } from "@effect/vitest"
import { Layout } from "@kanau/vndb-dump"

/** Restated from VNDB's sources of 2026-03-14: the number of columns of each exported table. */
const columns = {
  anime: 7,
  chars: 18,
  chars_alias: 4,
  chars_names: 4,
  chars_traits: 4,
  chars_vns: 5,
  docs: 3,
  drm: 11,
  engines: 3,
  entry_meta: 6,
  extlinks: 3,
  image_votes: 6,
  images: 9,
  producers: 7,
  producers_extlinks: 2,
  producers_relations: 3,
  quotes: 5,
  releases: 25,
  releases_drm: 3,
  releases_extlinks: 2,
  releases_images: 5,
  releases_media: 3,
  releases_platforms: 2,
  releases_producers: 4,
  releases_supersedes: 2,
  releases_titles: 5,
  releases_vn: 3,
  rlists: 4,
  staff: 6,
  staff_alias: 4,
  staff_extlinks: 2,
  tags: 8,
  tags_parents: 3,
  tags_vn: 9,
  traits: 10,
  traits_parents: 3,
  ulist_labels: 3,
  ulist_vns: 10,
  users: 6,
  vn: 13,
  vn_anime: 2,
  vn_editions: 5,
  vn_extlinks: 2,
  vn_image_votes: 3,
  vn_length_votes: 8,
  vn_relations: 4,
  vn_screenshots: 3,
  vn_seiyuu: 4,
  vn_staff: 5,
  vn_titles: 5,
  wikidata: 39
}

const tables = Object.values(Layout.tables)
const count = (holds: (column: Layout.Column) => boolean) =>
  tables.flatMap((table) => table.columns).filter(holds).length

describe("Layout", () => {
  it("NV-7 the dump has 51 tables, each with VNDB's columns", () => {
    assert.lengthOf(Layout.names, 51)
    assert.deepStrictEqual(
      Object.fromEntries(Layout.names.map((name) => [name, Layout.tables[name].columns.length])),
      columns
    )
  })

  it("NV-7 types, nullability, keys and enums are VNDB's", () => {
    const byKind = Object.fromEntries(
      ["integer", "boolean", "text", "date", "uuid", "id", "enum", "array"].map((kind) => [
        kind,
        count((column) => column.type.kind === kind)
      ])
    )
    assert.deepStrictEqual(byKind, {
      integer: 75,
      boolean: 36,
      text: 47,
      date: 11,
      uuid: 0,
      id: 77,
      enum: 27,
      array: 42
    })
    assert.strictEqual(count((column) => column.nullable), 94)
    assert.deepStrictEqual(
      tables.filter((table) => table.key.length === 0).map((table) => table.name),
      ["chars_vns", "image_votes", "tags_vn", "vn_length_votes", "vn_staff"]
    )
    assert.lengthOf(Layout.enumValues("language"), 57)
    assert.lengthOf(Layout.enumValues("platform"), 48)
    assert.lengthOf(Layout.enumValues("extlink_site"), 82)
    assert.strictEqual(Layout.enumValues("char_sex")[0], "")
    assert.strictEqual(Layout.enumValues("cup_size").at(-1), "Z")
  })

  it("NV-7 keys, references, unique sets and enums name what exists", () => {
    for (const table of tables) {
      const has = (name: string, of = table) => of.columns.some((column) => column.name === name)
      for (const name of [...table.key, ...table.unique.flatMap((one) => one.columns)]) {
        assert.isTrue(has(name), `${table.name}.${name}`)
      }
      for (const { columns, table: to, targets } of table.references) {
        assert.isTrue(columns.every((name) => has(name)), table.name)
        assert.isTrue(targets.every((name) => has(name, Layout.tables[to])), table.name)
        assert.strictEqual(columns.length, targets.length)
      }
      for (const { type } of table.columns) {
        const inner = type.kind === "array" ? type.of : type
        if (inner.kind === "enum") assert.isNotEmpty(Layout.enumValues(inner.name))
      }
    }
    assert.isTrue(Layout.isTable("vn"))
    assert.isFalse(Layout.isTable("constructor"))
  })
})
