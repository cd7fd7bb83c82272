/** Every table of a synthetic dump, row by row. What needs a pass over all votes is done when it is first asked for. */
import * as Layout from "../../Layout.ts"
import { unknownColumn } from "../../Torture.ts"
import { pack, widened } from "../torture/pack.ts"
import { tallies as tortureTallies } from "../torture/votes.ts"
import * as characters from "./characterTables.ts"
import * as images from "./imageTables.ts"
import { lengthOf, lengthVoteRows } from "./lengthVotes.ts"
import { makeLists } from "./lists.ts"
import * as users from "./listTables.ts"
import * as others from "./otherTables.ts"
import * as people from "./peopleTables.ts"
import * as releases from "./releaseTables.ts"
import type { Row } from "./row.ts"
import { none, type Statistics, voteFigures } from "./statistics.ts"
import * as tags from "./tagTables.ts"
import { vanished } from "./vanished.ts"
import * as novels from "./vnTables.ts"
import type { World } from "./world.ts"

export const tableRows = (world: World): (table: Layout.TableName) => Iterable<Row> => {
  const lists = lazy(() => makeLists(world))
  const frequent = lazy(() => images.frequentVoters(world))
  const gone = vanished(world)
  const statistics = lazy((): Statistics => {
    const tallies = lists().tallies((vn) => gone.has(`v${vn}`))
    if (world.options.torture) { for (const [vn, tally] of tortureTallies) tallies.set(vn, tally) }
    const figures = voteFigures(tallies)
    return { votes: (vn) => figures.get(vn) ?? none, length: (vn) => lengthOf(world, vn) }
  })
  const ordinary: Record<Layout.TableName, () => Iterable<Row>> = {
    anime: () => others.anime(world),
    chars: () => characters.chars(world),
    chars_alias: () => characters.charsAlias(world),
    chars_names: () => characters.charsNames(world),
    chars_traits: () => characters.charsTraits(world),
    chars_vns: () => characters.charsVns(world),
    docs: () => others.docs(world),
    drm: () => others.drm(world),
    engines: () => others.engines(world),
    entry_meta: () => others.entryMeta(world),
    extlinks: () => others.extlinks(world),
    image_votes: () => images.imageVotesRows(world),
    images: () => images.images(world, frequent()),
    producers: () => people.producers(world),
    producers_extlinks: () => others.ownLinks(world, "p"),
    producers_relations: () => people.producersRelations(world),
    quotes: () => novels.quotes(world),
    releases: () => releases.releases(world),
    releases_drm: () => releases.releasesDrm(world),
    releases_extlinks: () => others.ownLinks(world, "r"),
    releases_images: () => releases.releasesImages(world),
    releases_media: () => releases.releasesMedia(world),
    releases_platforms: () => releases.releasesPlatforms(world),
    releases_producers: () => releases.releasesProducers(world),
    releases_supersedes: () => releases.releasesSupersedes(world),
    releases_titles: () => releases.releasesTitles(world),
    releases_vn: () => releases.releasesVn(world),
    rlists: () => users.rlists(world),
    staff: () => people.staff(world),
    staff_alias: () => people.staffAlias(world),
    staff_extlinks: () => others.ownLinks(world, "s"),
    tags: () => tags.tags(world),
    tags_parents: () => tags.parents("g", world.tags),
    tags_vn: () => tags.tagsVn(world),
    traits: () => tags.traits(world),
    traits_parents: () => tags.parents("i", world.traits),
    ulist_labels: () => users.ulistLabels(world),
    ulist_vns: () => users.ulistVns(world, lists()),
    users: () => users.users(world),
    vn: () => novels.vn(world, statistics()),
    vn_anime: () => novels.vnAnime(world),
    vn_editions: () => novels.vnEditions(world),
    vn_extlinks: () => others.ownLinks(world, "v"),
    vn_image_votes: () => novels.vnImageVotes(world),
    vn_length_votes: () => lengthVoteRows(world),
    vn_relations: () => novels.vnRelations(world),
    vn_screenshots: () => novels.vnScreenshots(world),
    vn_seiyuu: () => novels.vnSeiyuu(world),
    vn_staff: () => novels.vnStaff(world),
    vn_titles: () => novels.vnTitles(world),
    wikidata: () => others.wikidata(world)
  }
  const kept = (table: Layout.TableName) =>
    gone.size === 0 ? ordinary[table]() : remaining(Layout.tables[table], ordinary[table](), gone)
  if (!world.options.torture) return kept
  const torture = pack({ baseDay: world.baseDay, day: world.options.day })
  return (table) => {
    const more = torture(table, () => statistics().votes)
    const all = kindOf(table) === undefined ? inserted(kept(table), more) : concatenated(kept(table), more)
    return table === unknownColumn.table ? withUnknown(all) : all
  }
}

/** The one kind of entry whose ids come first in the rows of a table; undefined when they are of several kinds. */
const kindOf = (table: Layout.TableName): string | undefined => {
  const type = Layout.tables[table].columns[0]?.type
  return type?.kind === "id" ? type.prefixes[0] : ""
}

function* withUnknown(rows: Iterable<Row>): Generator<Row> {
  for (const row of rows) yield widened(unknownColumn.table, row, "seven")
}

function* concatenated(rows: Iterable<Row>, more: Iterable<Row>): Generator<Row> {
  yield* rows
  yield* more
}

/** Each kind's rows stay together: more of a kind follow its last. */
function* inserted(rows: Iterable<Row>, more: ReadonlyArray<Row>): Generator<Row> {
  const kind = (row: Row | undefined) => /^[a-z]+/.exec(String(row?.[0] ?? ""))?.[0] ?? ""
  let current = ""
  for (const row of rows) {
    if (!String(row[0]).startsWith(current) || current === "") {
      const before = current
      current = kind(row)
      yield* more.filter((one) => kind(one) >= before && kind(one) < current)
    }
    yield row
  }
  yield* more.filter((one) => kind(one) >= current)
}

/** Without what vanished: rows that are it or need it are left out, other references to it are NULL. */
function* remaining(table: Layout.Table, rows: Iterable<Row>, gone: ReadonlySet<unknown>): Generator<Row> {
  const aliases = table.references.filter((one) => one.table === "staff_alias").flatMap((one) => one.columns)
  const checked = table.columns.flatMap(({ name, type, nullable }, at) =>
    type.kind === "id" || aliases.includes(name) ? [{ at, nullable }] : []
  )
  for (const row of rows) {
    const hits = checked.filter(({ at }) => gone.has(row[at]))
    if (hits.length === 0) yield row
    else if (hits.every(({ nullable }) => nullable)) {
      const without = new Set(hits.map(({ at }) => at))
      yield row.map((value, at) => without.has(at) ? null : value)
    }
  }
}

const lazy = <A>(make: () => A): () => A => {
  let made: { readonly value: A } | undefined
  return () => (made ??= { value: make() }).value
}
