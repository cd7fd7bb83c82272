import type { IncomingMessage } from "node:http"

/**
 * A header of a request. From a socket it is read off the raw list, which costs a few comparisons; asking the request's
 * `Headers` makes Node parse all of them first. Of a repeated header the first counts.
 */
export const requestHeader = (
  request: Request,
  incoming: Pick<IncomingMessage, "rawHeaders"> | undefined,
  name: string
): string | undefined => incoming === undefined ? request.headers.get(name) ?? undefined : rawHeader(incoming, name)

/** A header by its lower-case name, off the raw list. */
export const rawHeader = (
  { rawHeaders }: Pick<IncomingMessage, "rawHeaders">,
  name: string
): string | undefined => {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const found = rawHeaders[at] as string
    if (found.length === name.length && (found === name || found.toLowerCase() === name)) return rawHeaders[at + 1]
  }
  return undefined
}
