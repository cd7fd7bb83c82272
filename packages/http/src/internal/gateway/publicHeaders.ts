/** The headers every public answer has, made once per page. */

/**
 * Public reads are open to scripts of any site, with all headers (`ETag`, `Kanau-Position`, `RateLimit` and the rest): no
 * cookie is looked at, so there is nothing to protect. Documents have these only when a script asks, which says so with
 * `Origin`: two headers more are a tenth of the cost of an answer from memory.
 */
export const cors: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "*"
}

/** The answer to a preflight request. */
export const preflight: Readonly<Record<string, string>> = {
  ...cors,
  "access-control-allow-methods": "GET, HEAD",
  "access-control-allow-headers": "Authorization, If-None-Match, Kanau-After, Traceparent, X-Correlation-ID",
  "access-control-max-age": "86400"
}

/** Headers that answers have now; the same object for as long as they are the same. */
export type Content = () => Readonly<Record<string, string>>

/** Headers with others beside them that change now and then. */
export const withMore = (fixed: Readonly<Record<string, string>>, more: Content | undefined): Content => {
  if (more === undefined) return () => fixed
  let known = more()
  let whole = { ...fixed, ...known }
  return () => {
    const now = more()
    if (now !== known) {
      known = now
      whole = { ...fixed, ...now }
    }
    return whole
  }
}

/** Headers of a document or a list. */
export const content = (cacheControl: string): Readonly<Record<string, string>> => ({
  "x-content-type-options": "nosniff",
  "content-type": "application/json",
  "cache-control": cacheControl,
  // Also where there is no compressed form: the next version of the document may have one.
  vary: "Accept-Encoding, Origin"
})
