/**
 * Makes answers of pages: documents in JSON whose members are named and written as Kana has them, with other entries as
 * stubs. A stub has the members of the link (a role, a spoiler level), the id, and whatever else it may have.
 *
 * Where a stub lacks what is selected, the other entry's own page is read: of all answers at once, for one level of nesting
 * after the other. An entry whose page is gone is left out of lists, and null elsewhere. Members that a page lacks are null.
 */
import { Effect } from "effect"
import type { Endpoint } from "./Fields.ts"
import type { FieldTree } from "./FieldTree.ts"
import { type Needed, type Shape, shapeOf } from "./internal/shape.ts"

/** A page, or an object in one. */
export type Page = Readonly<Record<string, unknown>>

/** Ids of pages, by what they are of. Pages of staff are of aliases: "s1.12". */
export type Ids = ReadonlyMap<Endpoint, ReadonlySet<string>>

/** Pages that have been read; null for those that are gone. */
export type Known = ReadonlyMap<Endpoint, ReadonlyMap<string, Page | null>>

/**
 * The selected members of pages, and which other pages they need; with any of these, the answers are not complete.
 *
 * @example
 * ```ts
 * import { attempt } from "@kanau/vndb/kana/project"
 *
 * const page = { id: "q1", quote: "...", vn: { id: "v1", title: "Title" } }
 * attempt("quote", { id: {}, vn: { id: {}, title: {} } }, [page], new Map()).results // => [{ id: "q1", vn: { id: "v1", title: "Title" } }]
 * attempt("quote", { id: {}, vn: { id: {}, olang: {} } }, [page], new Map()).missing.get("vn") // => new Set(["v1"])
 * ```
 */
export const attempt = (
  endpoint: Endpoint,
  tree: FieldTree,
  pages: ReadonlyArray<Page>,
  known: Known
): { readonly results: ReadonlyArray<unknown>; readonly missing: Ids } => {
  const missing = new Map<Endpoint, Set<string>>()
  const want = (entity: Endpoint, id: string) => {
    const ids = missing.get(entity)
    if (ids === undefined) missing.set(entity, new Set([id]))
    else ids.add(id)
  }
  const shape = shapeOf(endpoint, tree)
  const results = pages.map((page) => picked(shape, page, known, want))
  return { results, missing }
}

/**
 * The answers of pages. `read` is asked for the pages of one kind at a time; those it does not return are gone.
 *
 * @example
 * ```ts
 * import { project } from "@kanau/vndb/kana/project"
 * import { Effect } from "effect"
 *
 * const page = { id: "q1", vn: { id: "v1" } }
 * const read = () => Effect.succeed(new Map([["v1", { id: "v1", olang: "ja" }]]))
 * Effect.runSync(project("quote", { id: {}, vn: { id: {}, olang: {} } }, [page], read)) // => [{ id: "q1", vn: { id: "v1", olang: "ja" } }]
 * ```
 */
export const project = <E, R>(
  endpoint: Endpoint,
  tree: FieldTree,
  pages: ReadonlyArray<Page>,
  read: (entity: Endpoint, ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, Page>, E, R>
): Effect.Effect<ReadonlyArray<unknown>, E, R> => {
  const from = (known: Known): Effect.Effect<ReadonlyArray<unknown>, E, R> => {
    const { missing, results } = attempt(endpoint, tree, pages, known)
    if (missing.size === 0) return Effect.succeed(results)
    const reads = Array.from(
      missing,
      ([entity, ids]) => Effect.map(read(entity, [...ids]), (found) => [entity, ids, found] as const)
    )
    return Effect.flatMap(Effect.all(reads, { concurrency: "unbounded" }), (all) => from(withMore(known, all)))
  }
  return from(new Map())
}

const withMore = (
  known: Known,
  more: ReadonlyArray<readonly [Endpoint, ReadonlySet<string>, ReadonlyMap<string, Page>]>
): Known => {
  const next = new Map(known)
  for (const [entity, ids, found] of more) {
    const pages = new Map(known.get(entity))
    for (const id of ids) pages.set(id, found.get(id) ?? null)
    next.set(entity, pages)
  }
  return next
}

type Want = (entity: Endpoint, id: string) => void

/** The selected members of a value; nothing for an entry whose page is gone, or has yet to be read. */
const picked = (shape: Shape, value: unknown, known: Known, want: Want): unknown => {
  if (Array.isArray(value)) {
    const all: Array<unknown> = []
    for (const each of value) {
      const one = picked(shape, each, known, want)
      if (one !== undefined) all.push(one)
    }
    return all
  }
  if (!isPage(value)) return null
  const source = shape.link === undefined ? value : entryOf(shape.link, value, known, want)
  if (source === undefined) return undefined
  const result: Record<string, unknown> = {}
  for (const { name, shape: inner } of shape.members) {
    const found = Object.hasOwn(source, name) ? source[name] : null
    result[name] = (inner === undefined ? found : picked(inner, found, known, want)) ?? null
  }
  return result
}

/** The stub, if it has all that is selected; else the entry's page, with the link's members. */
const entryOf = (
  { entity, needed, own }: NonNullable<Shape["link"]>,
  stub: Page,
  known: Known,
  want: Want
): Page | undefined => {
  if (!lacks(needed, stub)) return stub
  const id = idOf(entity, stub)
  const page = known.get(entity)?.get(id)
  if (page === undefined) want(entity, id)
  if (page === undefined || page === null) return undefined
  return { ...page, ...Object.fromEntries(Object.entries(stub).filter(([name]) => own.has(name))) }
}

/** Whether a needed member is not there, or one of the objects in it lacks one. Other entries are stubs of their own. */
const lacks = (needed: ReadonlyArray<Needed>, value: unknown): boolean => {
  if (Array.isArray(value)) return value.some((each) => lacks(needed, each))
  if (!isPage(value)) return false
  for (const { name, within } of needed) {
    if (!Object.hasOwn(value, name) || (within !== undefined && lacks(within, value[name]))) return true
  }
  return false
}

const idOf = (entity: Endpoint, stub: Page): string =>
  entity === "staff" ? `${String(stub["id"])}.${String(stub["aid"])}` : String(stub["id"])

const isPage = (value: unknown): value is Page => typeof value === "object" && value !== null
