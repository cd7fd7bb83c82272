/**
 * Who asks, and what is told of users: answers of the endpoints that are about people, and the users of tokens. All of it is
 * in view documents.
 */
import { Effect, Result } from "effect"
import type { Reader } from "./Execute.ts"
import { idOf } from "./internal/scalars.ts"
import { type KanaError, refused } from "./KanaError.ts"
import type { Page } from "./project.ts"
import { pages, type Store, type Trouble } from "./Store.ts"
import * as Token from "./Token.ts"

/** The page of a user. Counts of labels are those of the whole list, `open` those of what everybody sees. */
export interface User {
  readonly id: string
  readonly username: string | null
  readonly lengthvotes: number
  readonly lengthvotes_sum: number
  readonly labels: ReadonlyArray<{
    readonly id: number
    readonly label: string
    readonly private: boolean
    readonly count: number
    readonly open: number
  }>
}

/** Who an `Authorization` header stands for; null without one. */
export const readerOf = (
  store: Store,
  header: string | undefined
): Effect.Effect<Reader | null, KanaError | Trouble> =>
  Effect.gen(function*() {
    const digest = yield* Effect.fromResult(Token.fromHeader(header))
    if (digest === null) return null
    const page = (yield* pages(store, "token", [digest])).get(digest)
    if (page === undefined) return yield* Effect.fail(Token.unauthorized("Invalid token."))
    // The pages of the view `token`.
    const { listread, listwrite, uid } = page as unknown as Omit<Reader, "id"> & { readonly uid: string }
    return { id: uid, listread, listwrite }
  })

/** `GET /authinfo` */
export const authinfo = (store: Store, reader: Reader | null): Effect.Effect<unknown, KanaError | Trouble> =>
  Effect.gen(function*() {
    if (reader === null) return yield* Effect.fail(Token.unauthorized("Unauthorized"))
    const user = yield* userOf(store, reader.id)
    const permissions = (["listread", "listwrite"] as const).filter((permission) => reader[permission])
    return { id: reader.id, username: user?.username ?? null, permissions }
  })

/** Most users of one request. */
const mostUsers = 100

/** `GET /user` */
export const users = (store: Store, query: URLSearchParams): Effect.Effect<unknown, KanaError | Trouble> =>
  Effect.gen(function*() {
    const wanted = [...new Set(query.getAll("q"))]
    if (wanted.length === 0 || wanted.length > mostUsers) return yield* Effect.fail(refused("Invalid 'q' member."))
    const fields = yield* Effect.fromResult(fieldsOf(query, ["id", "username", "lengthvotes", "lengthvotes_sum"]))
    const byName = yield* idsByName(store, wanted.filter((each) => !isId(each)).map((each) => each.toLowerCase()))
    const idBy = (each: string) => isId(each) ? each : byName.get(each.toLowerCase())
    const ids = new Set(wanted.flatMap((each) => idBy(each) ?? []))
    const found = yield* pages(store, "user", [...ids])
    const shown = ["id", "username", ...fields.filter((field) => field.startsWith("lengthvotes"))]
    return Object.fromEntries(wanted.map((each) => {
      const page: Page | undefined = found.get(idBy(each) ?? "")
      return [each, page === undefined ? null : Object.fromEntries(shown.map((field) => [field, page[field]]))]
    }))
  })

/** `GET /ulist_labels` */
export const labels = (
  store: Store,
  query: URLSearchParams,
  reader: Reader | null
): Effect.Effect<unknown, KanaError | Trouble> =>
  Effect.gen(function*() {
    const fields = yield* Effect.fromResult(fieldsOf(query, ["count"]))
    const given = query.get("user") ?? ""
    const user = given === "" ? reader?.id : idOf("u", given)
    if (user === undefined) {
      return yield* Effect.fail(
        refused(
          given === "" ? "Missing \"user\" parameter and not authenticated." : "Invalid 'user' member."
        )
      )
    }
    const isOwner = reader !== null && reader.id === user && reader.listread
    const held = (yield* userOf(store, user))?.labels ?? []
    const shown = held.filter((label) => isOwner || !label.private || label.id === voted)
    return {
      labels: shown.map(({ count, id, label, open, private: hidden }) => ({
        id,
        private: hidden,
        label,
        ...(fields.length === 0 ? {} : { count: isOwner ? count : open })
      }))
    }
  })

/** Votes are always shown, whatever their label says. */
const voted = 7

const isId = (text: string): boolean => /^u[1-9][0-9]{0,6}$/.test(text)

const userOf = (store: Store, id: string): Effect.Effect<User | undefined, Trouble> =>
  // The pages of the view `user`.
  Effect.map(pages(store, "user", [id]), (found) => found.get(id) as unknown as User | undefined)

const idsByName = (
  store: Store,
  names: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<string, string>, Trouble> =>
  names.length === 0 ? Effect.succeed(new Map()) : Effect.map(
    store.select("user", {
      where: { field: "name", is: "in", values: names },
      sort: [],
      skip: 0,
      limit: names.length,
      fields: ["name"],
      bytes: false
    }),
    (found) =>
      new Map(found.flatMap(({ fields: { name }, id }) => typeof name === "string" ? [[name, id] as const] : []))
  )

const fieldsOf = (
  query: URLSearchParams,
  known: ReadonlyArray<string>
): Result.Result<ReadonlyArray<string>, KanaError> => {
  const asked = query.getAll("fields").flatMap((each) => each.split(",")).map((name) => name.trim()).filter((name) =>
    name !== ""
  )
  const unknown = asked.find((name) => !known.includes(name))
  return unknown === undefined
    ? Result.succeed(asked)
    : Result.fail(refused(`Invalid 'fields' member: Field '${unknown}' not found`))
}
