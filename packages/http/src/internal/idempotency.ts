/**
 * `Idempotency-Key`: a request that is sent again gets the first answer again instead of a second effect.
 *
 * Answers are kept for a day, by principal and key. While the first request runs, the key is held for a minute at most,
 * so that a crash does not lock it; `Idempotency` in the core says what that means for one that takes longer. Answers
 * that only say "not now" (5xx, 429) are not kept. Without a key-value store requests go on unprotected, and
 * `kanau_idempotency_unavailable_total` grows.
 */
import { Correlation, Idempotency, type KeyValue } from "@kanau/core"
import { Effect, Exit, Metric, Schema } from "effect"
import { createHash } from "node:crypto"
import * as Answer from "../Answer.ts"

/** What makes two requests the same. */
export interface Request {
  readonly key: string
  readonly principal: string
  readonly method: string
  /** With the parameters filled in. */
  readonly path: string
  readonly body: string
}

/** What a key may look like. */
export const isKey = (key: string): boolean => /^[A-Za-z0-9._-]{1,128}$/.test(key)

const day = 24 * 60 * 60 * 1000
const lease = 60 * 1000

const Kept = Schema.fromJsonString(Schema.Struct({
  status: Schema.Number,
  headers: Schema.Record(Schema.String, Schema.String),
  body: Schema.NullOr(Schema.String)
}))
const decode = Schema.decodeUnknownEffect(Kept)
const encode = Schema.encodeSync(Kept)

const unavailable = Metric.counter("kanau_idempotency_unavailable_total", {
  description: "Requests with an Idempotency-Key that were processed without protection",
  incremental: true
})

/** Answers from the store, or runs `process` and stores its answer. Not interrupted when the client goes away. */
export const once = <Err, Req>(
  store: KeyValue.KeyValueService,
  request: Request,
  process: Effect.Effect<Answer.Answer, Err, Req>
): Effect.Effect<Answer.Answer, Err, Req> =>
  Effect.matchEffect(
    Idempotency.claim(store, {
      slot: `idempotency:${hash(request.principal, request.key)}`,
      fingerprint: hash(request.method, request.path, request.body),
      leaseMillis: lease,
      keepMillis: day
    }),
    {
      onFailure: () => Effect.andThen(count, process),
      onSuccess: (claim): Effect.Effect<Answer.Answer, Err, Req> => {
        switch (claim._tag) {
          case "Mine":
            return Effect.onExit(process, (exit) =>
              Effect.catch(
                Exit.isSuccess(exit) && isFinal(exit.value.status) ? claim.settle(encode(exit.value)) : claim.release,
                () => count
              ))
          case "Answered":
            return Effect.map(Effect.orDie(decode(claim.answer)), (answer) => ({
              ...answer,
              headers: { ...answer.headers, "idempotency-replayed": "true" }
            }))
          case "Running":
            return refuse(inProgress)
          case "Reused":
            return refuse(reused)
        }
      }
    }
  )

const isFinal = (status: number): boolean => status < 500 && status !== 429

const count = Effect.suspend(() => Metric.update(unavailable, 1))

const refuse = (refusal: Answer.Refusal) =>
  Effect.map(Correlation.Correlation, ({ correlationId }) => Answer.refuse(refusal, correlationId))

const reused: Answer.Refusal = {
  status: 422,
  code: "idempotency-key-reused",
  message: "This Idempotency-Key was used for another request; take a new one."
}

const inProgress: Answer.Refusal = {
  status: 409,
  code: "idempotency-in-progress",
  message: "The first request with this Idempotency-Key still runs; ask again for its answer.",
  headers: { "retry-after": "1" }
}

/** The parts are quoted, so that no two lists of parts hash alike. */
const hash = (...parts: ReadonlyArray<string>): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex")
