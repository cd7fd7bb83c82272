/** Which form of a document an answer has, and whether the client has it already (RFC 9110 §12.5.3, §13.1.2). */

/**
 * Whether gzip is at least as welcome as no coding at all. Without the header it is not: such a client may not know how
 * to read it.
 */
export const acceptsGzip = (acceptEncoding: string | undefined): boolean => {
  if (acceptEncoding === undefined) return false
  const known = answers.get(acceptEncoding)
  if (known !== undefined) return known
  const answer = judge(acceptEncoding)
  // Clients send a handful of texts; whoever sends thousands of them only makes us think each time.
  if (answers.size < 256) answers.set(acceptEncoding, answer)
  return answer
}

const answers = new Map<string, boolean>()

const judge = (acceptEncoding: string): boolean => {
  const weights = new Map<string, number>()
  for (const element of acceptEncoding.toLowerCase().split(",")) {
    const [coding = "", ...parameters] = element.split(";").map((part) => part.trim())
    const q = parameters.find((parameter) => /^q\s*=/.test(parameter))
    const weight = q === undefined ? 1 : Number(q.slice(q.indexOf("=") + 1))
    // What is no weight makes the element mean nothing.
    if (coding !== "" && weight >= 0 && weight <= 1) weights.set(coding === "x-gzip" ? "gzip" : coding, weight)
  }
  const gzip = weights.get("gzip") ?? weights.get("*") ?? 0
  return gzip > 0 && gzip >= (weights.get("identity") ?? 0)
}

/** The entity tag of the compressed form: other bytes, so another tag. */
export const gzipTag = (etag: string): string => `${etag.slice(0, -1)}-gzip"`

/**
 * Whether `If-None-Match` names the document in either form: whoever has one of them has the document. Weak
 * comparison, a list, or `*`.
 */
export const isCurrent = (ifNoneMatch: string, etag: string): boolean => {
  if (ifNoneMatch === etag) return true
  const compressed = gzipTag(etag)
  return ifNoneMatch === compressed || ifNoneMatch.trim() === "*" || ifNoneMatch.split(",").some((candidate) => {
    const tag = candidate.trim().replace(/^W\//, "")
    return tag === etag || tag === compressed
  })
}
