/** Storing messages in streams, each confirmed by the server. Tells apart the ways in which that can fail. */
import { Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import type { MsgHdrs } from "@nats-io/transport-node"
import { Effect } from "effect"
import type { NoAnswer, Session } from "./link.ts"
import { request, unavailable } from "./link.ts"
import { sizeOf } from "./wire.ts"

const confirmMillis = 30_000

/** What copies may add to a message: its error, its times, the name of its queue. */
const reserved = 16_384

/** JetStream keeps no more. */
const maxHeaders = 65_535

/** No stream takes the subject. Nothing was stored. */
interface NoStream {
  readonly _tag: "NoStream"
}

/** A message for one stream. */
export interface Outgoing {
  readonly subject: string
  readonly headers: MsgHdrs
  readonly data: Uint8Array
}

/** Ways in which storing fails. `Invariant`: the server takes no message that large, now or later. */
export type Failure = NoStream | Fault.Invariant | Bus.Unconfirmed | Fault.Unavailable

/** Stores a message; `type` names it in a fault. */
export const store = (
  session: Session,
  { data, headers, subject }: Outgoing,
  type: string
): Effect.Effect<void, Failure> =>
  Effect.matchEffect(request(session, subject, data, { headers, timeout: confirmMillis }), {
    onFailure: (noAnswer) => Effect.fail(failure(session, noAnswer, type)),
    onSuccess: (answer) => judge(answer.data)
  })

/** Fails when a copy of the message could not be stored once its handler has failed. */
export const fits = (
  session: Session,
  { data, headers }: Omit<Outgoing, "subject">
): Effect.Effect<void, Fault.Invariant> => {
  const limit = session.connection.info?.max_payload ?? Infinity
  const size = sizeOf(headers) + reserved
  return size > maxHeaders || size + data.length > limit ? Effect.fail(tooLarge(session)) : Effect.void
}

const tooLarge = ({ connection }: Session): Fault.Invariant =>
  new Fault.Invariant({
    reason: `The message is too large for the server, which takes ${
      connection.info?.max_payload ?? 0
    } bytes, ${maxHeaders} of them headers; ${reserved} are kept for its retries. Raise max_payload or send a reference.`
  })

const failure = (session: Session, { reason, why }: NoAnswer, type: string): Failure =>
  why === "nobody"
    ? { _tag: "NoStream" }
    : why === "too-large"
    ? tooLarge(session)
    : why === "not-sent"
    ? unavailable(reason)
    : new Bus.Unconfirmed({ type, reason })

const judge = (data: Uint8Array): Effect.Effect<void, Fault.Invariant | Fault.Unavailable> => {
  const error = refusal(data)
  if (error === undefined) return Effect.void
  return tooLargeCodes.has(error.code)
    ? Effect.fail(
      new Fault.Invariant({
        reason:
          `The stream takes no message that large: ${error.description}. Raise its max_msg_size or send a reference.`
      })
    )
    : Effect.fail(unavailable(`the stream takes no message now: ${error.description}`))
}

/** Message size above the stream's limit, headers above 64 KiB. */
const tooLargeCodes = new Set([10054, 10097])

const decoder = new TextDecoder()

/** What a publish was answered, if it was refused. */
export const refusal = (data: Uint8Array): { readonly code: number; readonly description: string } | undefined => {
  const text = decoder.decode(data)
  // Confirms come by the thousand; a refusal is the exception.
  if (!text.includes("\"error\"")) return undefined
  const answer = JSON.parse(text) as { readonly error?: { readonly err_code?: number; readonly description?: string } }
  return { code: answer.error?.err_code ?? 0, description: answer.error?.description ?? "no reason given" }
}
