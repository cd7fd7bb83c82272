/**
 * Same key, same answer: how the claim on a key is taken, kept and settled in a key-value store. `Layers.idempotency`
 * and the `Idempotency-Key` of HTTP are built on it; use it directly only for another transport.
 *
 * What holds:
 * - Of all who come with one key, one gets the claim. The others are told that it runs, or get its answer.
 * - A claim is a lease: when its holder dies, the key is free again after `leaseMillis`.
 * - A holder that outlives its lease cannot touch what came after: every claim has an id, and answers are written, and
 *   claims given up, only over the own claim. If nobody claimed the key in between, the late answer is still kept.
 *
 * What does not hold: while a holder outlives its lease, a second one may run beside it. Choose a lease longer than the
 * work can take (a time-out inside makes that certain). And what a store loses is forgotten.
 */
import { Effect, Option, Schema } from "effect"
import type * as Fault from "./Fault.ts"
import * as Id from "./Id.ts"
import type { KeyValueService } from "./KeyValue.ts"

/** What is claimed, and for how long. */
export interface Request {
  /** The key in the store: everything that must be the same for two calls to be one. Text without white space. */
  readonly slot: string
  /** Text that is the same for the same input; a short one, such as a hash, and never a secret. */
  readonly fingerprint: string
  /** How long a claim holds without being settled. */
  readonly leaseMillis: number
  /** How long the answer is kept. */
  readonly keepMillis: number
}

/** What became of a claim. */
export type Claim =
  /** Nobody was there before: do the work, then settle or release. */
  | { readonly _tag: "Mine"; readonly settle: Settle; readonly release: Effect.Effect<void, Fault.Unavailable> }
  /** It was done before. */
  | { readonly _tag: "Answered"; readonly answer: string }
  /** Somebody does it now. */
  | { readonly _tag: "Running" }
  /** The key was used for another input. */
  | { readonly _tag: "Reused" }

/** Keeps the answer of the one who has the claim. */
export type Settle = (answer: string) => Effect.Effect<void, Fault.Unavailable>

/**
 * Claims a key.
 *
 * @example
 * ```ts
 * import { Idempotency, KeyValue } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const request = { slot: "charge:42", fingerprint: "100 cents", leaseMillis: 60_000, keepMillis: 3_600_000 }
 * const program = KeyValue.KeyValue.use((store) =>
 *   Effect.gen(function*() {
 *     const first = yield* Idempotency.claim(store, request)
 *     const meanwhile = yield* Idempotency.claim(store, request)
 *     if (first._tag === "Mine") yield* first.settle("receipt 7")
 *     const later = yield* Idempotency.claim(store, request)
 *     return [meanwhile, later]
 *   })
 * )
 * Effect.runSync(Effect.provide(program, KeyValue.layerMemory())) // => [{ _tag: "Running" }, { _tag: "Answered", answer: "receipt 7" }]
 * ```
 */
export const claim = (store: KeyValueService, request: Request): Effect.Effect<Claim, Fault.Unavailable> =>
  Effect.flatMap(Id.next, (owner) => attempt(store, request, owner, 1))

/** Between a refused claim and the look at who holds it, the holder may end: then the claim is made once more. */
const attempt = (
  store: KeyValueService,
  request: Request,
  owner: string,
  left: number
): Effect.Effect<Claim, Fault.Unavailable> => {
  const { slot, fingerprint } = request
  const mine = encode({ fingerprint, owner, answer: null })
  return Effect.flatMap(store.setIfAbsent(slot, mine, request.leaseMillis), (isMine) =>
    isMine
      ? Effect.succeed(holding(store, request, mine))
      : Effect.flatMap(store.get(slot), (held): Effect.Effect<Claim, Fault.Unavailable> => {
        const entry = Option.getOrUndefined(Option.flatMap(held, decode))
        if (entry === undefined) {
          return left > 0 ? attempt(store, request, owner, left - 1) : Effect.succeed({ _tag: "Running" })
        }
        if (entry.fingerprint !== fingerprint) return Effect.succeed({ _tag: "Reused" })
        return Effect.succeed(
          entry.answer === null ? { _tag: "Running" } : { _tag: "Answered", answer: entry.answer }
        )
      }))
}

const holding = (store: KeyValueService, { slot, fingerprint, keepMillis }: Request, mine: string): Claim => ({
  _tag: "Mine",
  settle: (answer) => {
    const answered = encode({ fingerprint, owner: null, answer })
    return Effect.flatMap(
      store.replaceIf(slot, mine, answered, keepMillis),
      (isKept) => isKept ? Effect.void : Effect.asVoid(store.setIfAbsent(slot, answered, keepMillis))
    )
  },
  release: Effect.asVoid(store.removeIf(slot, mine))
})

const Entry = Schema.fromJsonString(Schema.Struct({
  fingerprint: Schema.String,
  owner: Schema.NullOr(Schema.String),
  answer: Schema.NullOr(Schema.String)
}))
const decode = Schema.decodeUnknownOption(Entry)
const encode = Schema.encodeSync(Entry)
