/** Serves what is in memory to plain reads by id, at the cost of writing it to the socket. */
import { Correlation, type Id } from "@kanau/core"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { FastPath } from "../fastPath.ts"
import { rawHeader } from "../requestHeader.ts"
import type { HotCache } from "./hotCache.ts"
import { formFor, type HotDocument } from "./hotDocument.ts"
import * as Negotiation from "./negotiation.ts"
import { type Content, cors } from "./publicHeaders.ts"

/** `prefix` is the path before the id. */
export const make = (
  prefix: string,
  cache: HotCache,
  content: Content,
  ids: Id.Generator
): FastPath => {
  let known = content()
  let lists = listsOf(known)
  const crossOrigin = Object.entries(cors).flat()

  const write = (incoming: IncomingMessage, outgoing: ServerResponse, hot: HotDocument) => {
    const form = formFor(hot, hot.gzip === undefined ? undefined : rawHeader(incoming, "accept-encoding"))
    const ifNoneMatch = rawHeader(incoming, "if-none-match")
    const isCurrent = ifNoneMatch !== undefined && Negotiation.isCurrent(ifNoneMatch, hot.plain.etag)
    const now = content()
    if (now !== known) {
      known = now
      lists = listsOf(now)
    }
    const headers = isCurrent
      ? (form.encoding === undefined ? lists.current : lists.currentGzip).slice()
      : (form.encoding === undefined ? lists.whole : lists.wholeGzip).slice()
    headers[1] = Correlation.acceptId(ids, rawHeader(incoming, "x-correlation-id"))
    headers[3] = form.etag
    if (!isCurrent) headers[5] = form.length
    if (rawHeader(incoming, "origin") !== undefined) headers.push(...crossOrigin)
    outgoing.writeHead(isCurrent ? 304 : 200, headers)
    outgoing.end(isCurrent || incoming.method === "HEAD" ? undefined : form.bytes)
  }

  return (incoming, outgoing) => {
    const { url = "", method } = incoming
    if (method !== "GET" && method !== "HEAD" || !url.startsWith(prefix)) return false
    if (rawHeader(incoming, "kanau-after") !== undefined) return false
    // Whatever else is in the URL, such as a query or an escape, makes it a key that is not there.
    const hot = cache.get(url.slice(prefix.length), 0)
    if (hot === undefined) return false
    write(incoming, outgoing, hot)
    return true
  }
}

/** Names and values by turns. Where correlation id, tag and length go is told by the position: 1, 3 and 5. */
const listsOf = (content: Readonly<Record<string, string>>) => {
  const common = ["x-correlation-id", "", "etag", ""]
  const fixed = Object.entries(content).flat()
  const current = [...common, ...fixed]
  const whole = [...common, "content-length", "", ...fixed]
  const coding = ["content-encoding", "gzip"]
  return { current, whole, currentGzip: [...current, ...coding], wholeGzip: [...whole, ...coding] }
}
