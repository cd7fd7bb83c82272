/**
 * Envelopes as text: one CloudEvent in JSON format a line (NDJSON). JSON payloads stand in it as they are, so that
 * people can read and edit them; other payloads in Base64.
 */
import { Envelope, Message } from "@kanau/core"
import { Effect, Result } from "effect"
import { Buffer } from "node:buffer"

/** Writes a recording. */
export const print = (envelopes: ReadonlyArray<Envelope.Envelope>): string =>
  envelopes.map((envelope) => {
    const attributes = { specversion: "1.0", ...Envelope.toAttributes(envelope) }
    const json = envelope.datacontenttype === "application/json" ? parseJson(text.decode(envelope.data)) : undefined
    const payload = json === undefined
      ? { data_base64: Buffer.from(envelope.data).toString("base64") }
      : { data: json.value }
    return `${JSON.stringify({ ...attributes, ...payload })}\n`
  }).join("")

/** Reads a recording. Empty lines are skipped; a line that is no event fails with its number. */
export const parse = (recording: string): Effect.Effect<ReadonlyArray<Envelope.Envelope>, Message.DeserializeError> =>
  Effect.forEach(
    recording.split("\n").map((line, index) => ({ line: line.trim(), number: index + 1 })).filter(({ line }) =>
      line !== ""
    ),
    ({ line, number }) =>
      Effect.fromResult(Result.mapError(
        envelopeOf(line),
        ({ issues }) => new Message.DeserializeError({ type: `event in line ${number}`, issues })
      ))
  )

const text = new TextDecoder()

const envelopeOf = (line: string): Result.Result<Envelope.Envelope, { readonly issues: string }> => {
  const parsed = parseJson(line)?.value
  if (typeof parsed !== "object" || parsed === null) return Result.fail({ issues: "not a JSON object" })
  const { specversion: _, data, data_base64: base64, ...attributes } = parsed as Record<string, unknown>
  const bytes = typeof base64 === "string"
    ? new Uint8Array(Buffer.from(base64, "base64"))
    : new TextEncoder().encode(JSON.stringify(data ?? null))
  return Envelope.fromAttributes(attributes, bytes)
}

const parseJson = (line: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(line) as unknown }
  } catch {
    return undefined
  }
}
