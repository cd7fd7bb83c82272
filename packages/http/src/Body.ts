/**
 * Request bodies: JSON in UTF-8, bounded in size while they arrive. Routes of operations are read by it; hand-written routes
 * may use it too. It does not look into the JSON.
 */
import * as Answer from "./Answer.ts"

/** The body's JSON with its text, or why it is refused. */
export type Body = { readonly text: string; readonly json: unknown } | { readonly refusal: Answer.Refusal }

const jsonType = /^application\/(?:[a-z0-9.+-]+\+)?json *(?:; *charset=("?)utf-8\1 *)?;?$/i
const utf8 = new TextDecoder("utf-8", { fatal: true })

/**
 * Reads the body, of at most `limit` bytes. One that may be missing (`optional`) and is, is an empty object.
 *
 * @example
 * ```ts
 * import { Body } from "@kanau/http"
 *
 * const headers = { "content-type": "application/json" }
 * const request = new Request("http://test/", { method: "POST", headers, body: "[1, 2]" })
 * await Body.read(request, 1024, false) // => { text: "[1, 2]", json: [1, 2] }
 * ```
 */
export const read = async (request: Request, limit: number, optional: boolean): Promise<Body> => {
  const length = request.headers.get("content-length")
  const chunked = request.headers.get("transfer-encoding") !== null
  if (length !== null && Number(length) > limit) return { refusal: Answer.tooLarge(limit) }
  const type = request.headers.get("content-type")
  if (type === null && optional && !chunked && (length === null || length === "0")) return { text: "", json: {} }
  if (type === null || !jsonType.test(type)) return { refusal: Answer.unsupportedMediaType }
  const bytes = await receive(request, limit, length !== null)
  if (bytes === undefined) return { refusal: Answer.tooLarge(limit) }
  try {
    const text = utf8.decode(bytes)
    return { text, json: JSON.parse(text) }
  } catch {
    return { refusal: Answer.invalidBecause("", "The body is not JSON in UTF-8") }
  }
}

/** With a declared length the parser holds the client to it; without one we count. */
const receive = async (
  request: Request,
  limit: number,
  declared: boolean
): Promise<Uint8Array | ArrayBuffer | undefined> => {
  if (declared || request.body === null) return request.arrayBuffer()
  const chunks: Array<Uint8Array> = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
