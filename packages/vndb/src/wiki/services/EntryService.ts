/**
 * Decides about entries of every kind. Each mutation is one transaction: it locks the entry, writes it, bumps its revision,
 * keeps the revision and appends its event.
 */
import { type Operation, Principal } from "@kanau/core"
import { Database } from "@kanau/postgres"
import { Clock, Effect, JsonPatch, type Schema } from "effect"
import * as Entries from "../entities/Entries.ts"
import { lockEntry } from "../entities/EntryMeta.ts"
import { creditsOfAliases, isAncestor, missingReference } from "../entities/References.ts"
import { addBaseline, findRevision } from "../entities/Revisions.ts"
import type { Action } from "../entities/Revisions.ts"
import { type Content, type Kind, kindOf } from "../kinds.ts"
import {
  EntryLocked,
  EntryNotFound,
  InconsistentEntry,
  RevisionConflict,
  RevisionNotFound
} from "../operations/faults.ts"
import { record } from "./recording.ts"
import { relate } from "./relations.ts"

interface Transition {
  readonly id: string
  readonly summary?: string
}

/** Adds an entry. */
export const create = (kind: Kind, defaults: Content) =>
  Effect.fnUntraced(function*({ summary, ...input }: { readonly summary?: string }) {
    const id = yield* Entries.nextEntryId({ kind })
    const content = yield* consistent(kind, id, { ...defaults, ...input }, undefined)
    yield* Entries.putEntry({ kind, id, content, members: Object.keys(content) })
    const saved = yield* record({ kind, id, action: "created", summary, before: undefined })
    yield* relate(kind, id, undefined, content)
    return saved
  }, Database.transaction)

/** Changes what the input names. */
export const edit = (kind: Kind) =>
  Effect.fnUntraced(function*(input: Transition & { readonly revision?: number }) {
    const { id, revision: expected, summary, ...changes } = input
    const { content, locked, revision: actual } = yield* lockedEntry(kind, id)
    if (expected !== undefined && expected !== actual) return yield* new RevisionConflict({ id, expected, actual })
    if (locked) return yield* new EntryLocked({ id })
    return yield* rewrite(kind, id, { before: content, after: { ...content, ...changes }, action: "edited", summary })
  }, Database.transaction)

/** The entry as editors see it; what is deleted is not there. */
export const find = <Op extends Operation.Any>(kind: Kind) =>
  Effect.fnUntraced(function*({ id }: { readonly id: string }) {
    const found = yield* Entries.findEntry({ kind, id })
    if (found === undefined || found.deleted) return yield* new EntryNotFound({ id })
    const { content, hidden, locked, revision } = found
    // The database has exactly the members of the operation's output.
    return { id, revision, hidden, locked, ...content } as Operation.Output<Op>
  }, Database.faults)

/** Makes the entry what it was. */
export const revert = Effect.fnUntraced(
  function*({ id, revision, summary }: Transition & { readonly revision: number }) {
    const kind = kindOf(id)
    const { content, locked } = yield* lockedEntry(kind, id)
    if (locked) return yield* new EntryLocked({ id })
    const found = yield* findRevision({ id, revision })
    if (found === undefined) return yield* new RevisionNotFound({ id, revision })
    const said = summary ?? `to revision ${revision}`
    return yield* rewrite(kind, id, { before: content, after: found.content, action: "reverted", summary: said })
  },
  Database.transaction
)

export const remove = Effect.fnUntraced(function*({ id, summary }: Transition) {
  const kind = kindOf(id)
  const { content, locked } = yield* lockedEntry(kind, id)
  if (locked) return yield* new EntryLocked({ id })
  const { name: by } = yield* Principal.Principal
  yield* Entries.deleteEntry({ kind, id, by, at: new Date(yield* Clock.currentTimeMillis) })
  return yield* record({ kind, id, action: "deleted", summary, before: content })
}, Database.transaction)

export const restore = Effect.fnUntraced(function*({ id, summary }: Transition) {
  const kind = kindOf(id)
  yield* lockEntry({ id })
  if (!(yield* Entries.restoreEntry({ kind, id }))) return yield* new EntryNotFound({ id })
  return yield* record({ kind, id, action: "restored", summary, before: undefined })
}, Database.transaction)

/** Hides or locks an entry, or takes that back; once more is not an error and leaves no trace but a revision. */
export const mark = (mark: "hidden" | "locked", set: boolean) =>
  Effect.fnUntraced(function*({ id, summary }: Transition) {
    const kind = kindOf(id)
    const { content } = yield* lockedEntry(kind, id)
    yield* Entries.markEntry({ kind, id, mark, set })
    return yield* record({ kind, id, action: actionOf[mark][set ? 1 : 0], summary, before: content })
  }, Database.transaction)

const actionOf = { hidden: ["shown", "hidden"], locked: ["unlocked", "locked"] } as const satisfies Record<
  string,
  readonly [Action, Action]
>

/** Locks the entry until the transaction ends, and sees to it that the revision it has now is kept. */
const lockedEntry = Effect.fnUntraced(function*(kind: Kind, id: string) {
  yield* lockEntry({ id })
  const found = yield* Entries.findEntry({ kind, id })
  if (found === undefined || found.deleted) return yield* new EntryNotFound({ id })
  yield* addBaseline({ id, revision: found.revision, content: found.content })
  return found
})

const rewrite = Effect.fnUntraced(function*(kind: Kind, id: string, { action, after, before, summary }: {
  readonly before: Content
  readonly after: Content
  readonly action: Action
  readonly summary: string | undefined
}) {
  const content = yield* consistent(kind, id, after, before, action === "reverted")
  const patch = JsonPatch.get(before as Schema.JsonObject, content as Schema.JsonObject)
  const members = [...new Set(patch.map(({ path }) => path.split("/")[1] ?? ""))]
  yield* Entries.putEntry({ kind, id, content, members })
  const saved = yield* record({ kind, id, action, summary, before })
  yield* relate(kind, id, before, content)
  return saved
})

/** The content with numbers for new aliases, if it keeps the rules and everything it newly refers to is there. */
const consistent = Effect.fnUntraced(
  function*(kind: Kind, id: string, given: Content, before: Content | undefined, wasOurs = false) {
    const content: Content = kind.name === "staff" ? yield* withAliasNumbers(given, before, wasOurs) : given
    const mistake = kind.mistakeOf(id, content)
    if (mistake !== undefined) return yield* new InconsistentEntry({ rule: mistake })
    const had = kind.refersTo(before ?? {})
    const has = kind.refersTo(content)
    const missing = yield* missingReference({
      ids: has.ids.filter((one) => !had.ids.includes(one)),
      keys: has.keys.filter(({ key, table }) => !had.keys.some((one) => one.table === table && one.key === key))
    })
    if (missing !== undefined) return yield* new InconsistentEntry({ rule: `There is no ${missing} to refer to.` })
    if (kind.name === "tag" || kind.name === "trait") {
      const table = kind.name === "tag" ? "tags_parents" : "traits_parents"
      const parents = (content["parents"] as ReadonlyArray<{ readonly parent: string }>).map(({ parent }) => parent)
      if (parents.length > 0 && (yield* isAncestor({ table, id, parents }))) {
        return yield* new InconsistentEntry({ rule: "parents: they would go round in a circle" })
      }
    }
    return content
  }
)

interface Alias {
  readonly aid: number
}

/**
 * New aliases (numbers of zero or less) get numbers; credited ones stay; those of others are not taken. `wasOurs`: the content is one
 * that the entry has had, with its numbers.
 */
const withAliasNumbers = Effect.fnUntraced(function*(content: Content, before: Content | undefined, wasOurs: boolean) {
  const had = ((before?.["aliases"] ?? []) as ReadonlyArray<Alias>).map(({ aid }) => aid)
  const aliases = content["aliases"] as ReadonlyArray<Alias>
  const foreign = aliases.find(({ aid }) => aid > 0 && !had.includes(aid))
  if (foreign !== undefined && !wasOurs) {
    return yield* new InconsistentEntry({
      rule: `aliases: ${foreign.aid} is no alias of this entry; use 0 or less for new ones`
    })
  }
  const gone = had.filter((aid) => !aliases.some((alias) => alias.aid === aid))
  const [credited] = gone.length === 0 ? [] : yield* creditsOfAliases({ aids: gone })
  if (credited !== undefined) {
    return yield* new InconsistentEntry({ rule: `aliases: ${credited} is credited and must stay` })
  }
  const fresh = aliases.filter(({ aid }) => aid <= 0)
  const numbers = fresh.length === 0 ? [] : yield* Entries.nextAliasNumbers({ count: fresh.length })
  const numbered = new Map(fresh.map(({ aid }, at) => [aid, numbers[at] ?? aid]))
  const main = content["main"] as number
  return {
    ...content,
    main: numbered.get(main) ?? main,
    aliases: aliases.map((alias) => ({ ...alias, aid: numbered.get(alias.aid) ?? alias.aid }))
  }
})
