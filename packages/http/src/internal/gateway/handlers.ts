/** The Hono handlers of a page: a document, several, a list. What goes wrong is told to scripts of other sites too. */
import { Fault } from "@kanau/core"
import { Cause, Schema } from "effect"
import type { Context as HonoContext, Handler } from "hono"
import * as Answer from "../../Answer.ts"
import type { Page } from "../../Page.ts"
import type { Environment } from "../environment.ts"
import * as Answers from "./answers.ts"
import type { HotCache } from "./hotCache.ts"
import * as List from "./list.ts"
import * as Members from "./members.ts"
import { NotPublished } from "./notPublished.ts"
import * as Parameters from "./parameters.ts"
import { type Content, cors } from "./publicHeaders.ts"
import type { Reads } from "./reads.ts"

type Asking = HonoContext<Environment>
type Answering = Response | Promise<Response>

/** What handlers of a page share. */
export interface Shared {
  readonly page: Page
  readonly cache: HotCache
  readonly reads: Reads
  readonly content: Content
  /** Waits for `Kanau-After`; see `Causal`. */
  readonly causal: (header: string) => Promise<number | undefined>
}

/** `GET /v1/notes/{id}` */
export const one = (shared: Shared): Handler<Environment> => {
  const { cache, content, page, reads } = shared
  const isId = Schema.is(page.id)
  const declared = page.fields ?? []
  const allowed = declared.length === 0 ? "none" : "fields"
  return guarded((c) => {
    const id = c.req.param("id") ?? ""
    const members = membersOf(
      Parameters.parse(Parameters.queryOf(c.req.url), (name) => name === allowed, allowed),
      declared
    )
    return inOrder(shared, c, (since) => {
      const hot = cache.get(id, since)
      if (hot !== undefined) return Answers.document(hot, members, content(), c)
      if (!isId(id) || !Parameters.isText(id)) throw new NotPublished({ view: page.view, id })
      return reads.one(id, since).then((loaded) => {
        if (loaded === undefined) throw new NotPublished({ view: page.view, id })
        return Answers.document(loaded, members, content(), c)
      })
    })
  })
}

/** `GET /v1/notes?id=n1,n2`, and lists where there are some. */
export const several = (shared: Shared): Handler<Environment> => {
  const { page } = shared
  const many = byIds(shared)
  const list = page.list === undefined ? undefined : listed(shared, page.list)
  return guarded((c) => {
    const query = Parameters.queryOf(c.req.url)
    return list === undefined || /(^|&)id=/.test(query) ? many(query, c) : list(query, c)
  })
}

type Read = (query: string, c: Asking) => Answering

const byIds = (shared: Shared): Read => {
  const { content, page, reads } = shared
  const isId = Schema.is(page.id)
  const declared = page.fields ?? []
  const names = declared.length === 0 ? ["id"] : ["id", "fields"]
  const most = page.maxIds ?? 100
  return (query, c) => {
    const given = Parameters.parse(query, (name) => names.includes(name), names.join(", "))
    const members = membersOf(given, declared)
    const ids = [...new Set((given.get("id") ?? "").split(","))]
    if (ids.length > most || ids.includes("")) {
      throw Parameters.refuse([{ path: "id", message: `Takes 1 to ${most} ids, joined with commas` }])
    }
    return inOrder(shared, c, async (since) => {
      const found = await reads.many(ids.filter((id) => isId(id)), since)
      const items = ids.flatMap((id) => found.get(id)?.plain ?? [])
      const missing = ids.filter((id) => !found.has(id))
      return Answers.documents(items, `"missing":${JSON.stringify(missing)}`, members, content(), c)
    })
  }
}

const listed = (shared: Shared, list: NonNullable<Page["list"]>): Read => {
  const { content, page, reads } = shared
  const read = List.reader(page.view, list, page.fields ?? [])
  return (text, c) => {
    const { cursor, members, query } = read(text)
    return inOrder(shared, c, async () => {
      // One more than asked for tells whether there is another page.
      const found = await reads.list({ ...query, limit: query.limit + 1 })
      const items = found.slice(0, query.limit)
      const last = items.at(-1)
      const next = found.length > items.length && last !== undefined ? cursor(last) : null
      return Answers.documents(items, `"next":${JSON.stringify(next)}`, members, content(), c)
    })
  }
}

const membersOf = (given: ReadonlyMap<string, string>, declared: ReadonlyArray<string>): Members.Members => {
  const issues: Array<Parameters.Issue> = []
  const members = Members.parse(given.get("fields"), declared, issues)
  if (issues.length > 0) throw Parameters.refuse(issues)
  return members
}

/** Reads after the changes that the request names. */
const inOrder = ({ causal }: Shared, c: Asking, read: (since: number) => Answering): Answering => {
  const after = Answers.header(c, "kanau-after")
  return after === undefined
    ? read(0)
    : causal(after).then((since) => since === undefined ? refused(c, viewBehind) : read(since))
}

const viewBehind: Answer.Refusal = {
  status: 503,
  code: "view-behind",
  message: "The change named in Kanau-After is not visible yet. Try again.",
  headers: { "retry-after": "1" }
}

const guarded = (answer: (c: Asking) => Answering): Handler<Environment> => (c) => {
  try {
    const response = answer(c)
    return response instanceof Promise ? response.catch((error: unknown) => failed(c, error)) : response
  } catch (error) {
    return failed(c, error)
  }
}

/** What is our own mistake is left to the application, which logs it. */
const failed = (c: Asking, error: unknown): Response => {
  const refusal = Fault.isFault(error) ? Answer.refusalOf(Cause.fail(error), true) : Answer.internal
  if (refusal.status === 500) throw error
  return refused(c, refusal)
}

const refused = (c: Asking, refusal: Answer.Refusal): Response =>
  Answer.reject(c.env.correlation, { ...refusal, headers: { ...refusal.headers, ...cors } })
