/** From what was read to a response: the form the client wants, or 304 for what it has. */
import type { Context as HonoContext } from "hono"
import { hash } from "node:crypto"
import * as Answer from "../../Answer.ts"
import type { Environment } from "../environment.ts"
import { requestHeader } from "../requestHeader.ts"
import type { HotDocument } from "./hotDocument.ts"
import { formFor } from "./hotDocument.ts"
import * as Members from "./members.ts"
import * as Negotiation from "./negotiation.ts"
import { cors } from "./publicHeaders.ts"

type Asking = HonoContext<Environment>

/** Headers that all answers of a page have. */
type Content = Readonly<Record<string, string>>

/** A header of the request. */
export const header = (c: Asking, name: string): string | undefined => requestHeader(c.req.raw, c.env.incoming, name)

const headersOf = (content: Content, c: Asking): Content =>
  header(c, "origin") === undefined ? content : { ...content, ...cors }

/** A document as it is stored, or these members of it. */
export const document = (hot: HotDocument, members: Members.Members, content: Content, c: Asking): Response => {
  const { plain } = hot
  if (members !== undefined) {
    return tagged(tagOf(`${members.join(",")}\n${plain.etag}`), () => Members.keep(plain.bytes, members), content, c)
  }
  const form = formFor(hot, header(c, "accept-encoding"))
  const ifNoneMatch = header(c, "if-none-match")
  const common = { ...headersOf(content, c), etag: form.etag }
  const headers = form.encoding === undefined ? common : { ...common, "content-encoding": form.encoding }
  return ifNoneMatch !== undefined && Negotiation.isCurrent(ifNoneMatch, plain.etag)
    ? Answer.respondWith(c.env.correlation, 304, headers, null)
    : Answer.respondWith(c.env.correlation, 200, { ...headers, "content-length": form.length }, form.bytes)
}

/** A document as a list holds it. */
interface Item {
  readonly etag: string
  readonly bytes: Uint8Array
}

/**
 * `{"results":[…],…}`, joined from bytes without parsing them. `rest` is the JSON behind the results. Equal tags of the
 * documents mean equal bytes, so the tag of the whole is made of theirs.
 */
export const documents = (
  items: ReadonlyArray<Item>,
  rest: string,
  members: Members.Members,
  content: Content,
  c: Asking
): Response =>
  tagged(
    tagOf(`${members === undefined ? "" : members.join(",")}\n${rest}\n${items.map(({ etag }) => etag).join("")}`),
    () =>
      join(members === undefined ? items : items.map(({ bytes }) => ({ bytes: Members.keep(bytes, members) })), rest),
    content,
    c
  )

const join = (items: ReadonlyArray<Pick<Item, "bytes">>, rest: string): Uint8Array<ArrayBuffer> => {
  const end = encoder.encode(`],${rest}}`)
  const size = items.reduce((sum, { bytes }) => sum + bytes.byteLength, start.length + items.length + end.length)
  const whole = new Uint8Array(items.length === 0 ? size : size - 1)
  whole.set(start)
  let at = start.length
  for (const { bytes } of items) {
    if (at > start.length) whole[at++] = comma
    whole.set(bytes, at)
    at += bytes.byteLength
  }
  whole.set(end, at)
  return whole
}

const encoder = new TextEncoder()
const start = encoder.encode("{\"results\":[")
const comma = 0x2c

const tagged = (etag: string, bytes: () => Uint8Array<ArrayBuffer>, content: Content, c: Asking): Response => {
  const ifNoneMatch = header(c, "if-none-match")
  if (ifNoneMatch !== undefined && Negotiation.isCurrent(ifNoneMatch, etag)) {
    return Answer.respondWith(c.env.correlation, 304, { ...headersOf(content, c), etag }, null)
  }
  const body = bytes()
  const headers = { ...headersOf(content, c), etag, "content-length": String(body.byteLength) }
  return Answer.respondWith(c.env.correlation, 200, headers, body)
}

/** Of text in which nothing runs into its neighbour: tags are quoted, and neither names nor JSON hold line breaks. */
const tagOf = (text: string): string => `"${hash("sha1", text, "base64url")}"`
