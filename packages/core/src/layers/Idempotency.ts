/**
 * Same key, same answer: work that is asked for twice is done once, and the second one who asks gets the answer of the
 * first. Answers are kept in the `KeyValue` port, so it holds over processes and restarts as far as the store does.
 *
 * - A second call while the first runs fails with {@link InProgress} (kind `conflict`).
 * - The same key with another input is {@link KeyReused} (kind `invalid-input`). What tells inputs apart is
 *   `fingerprint`; without it the key alone counts.
 * - Only successes are remembered. A call that fails, dies or is interrupted gives the key back, so the next one runs
 *   again: work that fails after half of its effect must be able to finish in a second run.
 * - The claim is a lease. Work that takes longer than `lease` may run beside a second one; it cannot overwrite what came
 *   after it. `Idempotency` says what exactly holds. Put a `timeout` shorter than the lease inside.
 * - When the answer cannot be stored the caller still gets it, a warning is logged, and the key stays claimed until the
 *   lease ends.
 *
 * It takes the need for `OnceOnly` off. Keys and fingerprints are stored hashed, answers as their schema encodes them.
 */
import { Duration, Effect, Exit, Schema } from "effect"
import { createHash } from "node:crypto"
import * as Fault from "../Fault.ts"
import * as Claims from "../Idempotency.ts"
import { invoke } from "../internal/invoke.ts"
import { layered } from "../internal/shape.ts"
import { KeyValue } from "../KeyValue.ts"
import * as OnceOnly from "../OnceOnly.ts"
import type { Processor } from "../Processor.ts"

/**
 * The first call with this key still runs; ask again for its answer.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 *
 * const fault = new Layers.InProgress({ operation: "Charge" })
 * fault.message // => "Charge with this key still runs; ask again for its answer."
 * ```
 */
export class InProgress extends Fault.define<InProgress>()(
  "InProgress",
  "conflict",
  { operation: Schema.String },
  (fault) => `${fault.operation} with this key still runs; ask again for its answer.`
) {}

/**
 * The key was used for another input.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 *
 * const fault = new Layers.KeyReused({ operation: "Charge" })
 * fault.kind // => "invalid-input"
 * ```
 */
export class KeyReused extends Fault.define<KeyReused>()(
  "KeyReused",
  "invalid-input",
  { operation: Schema.String },
  (fault) => `${fault.operation} was called with this key and another input; take a new key.`
) {}

/** Settings of {@link idempotency}. */
export interface IdempotencyOptions<in In, in out Out> {
  /** Stands before every key, so that operations do not share answers. */
  readonly name: string
  /** What makes two calls the same; it must hold the caller's identity where callers choose keys. */
  readonly key: (input: In) => string
  /** What makes two inputs the same, such as their text as JSON; without it the key alone counts. */
  readonly fingerprint?: (input: In) => string
  /** How answers are stored. */
  readonly output: Schema.Codec<Out, unknown>
  /** How long answers are kept. */
  readonly timeToLive: Duration.Input
  /** How long a call may take before its key is free again; 1 minute when absent. */
  readonly lease?: Duration.Input
  /**
   * When the store does not answer: `fail` fails with its `Unavailable` and does nothing, `run` does the work
   * unprotected. `fail` when absent.
   */
  readonly whenUnavailable?: "fail" | "run"
}

/**
 * Does the work once for each key, and gives everyone its answer.
 *
 * @example
 * ```ts
 * import { KeyValue, Layers } from "@kanau/core"
 * import { Effect, pipe, Schema } from "effect"
 *
 * let charges = 0
 * const charge = pipe(
 *   (_: { readonly order: string }) => Effect.sync(() => `receipt ${++charges}`),
 *   Layers.idempotency({
 *     name: "Charge",
 *     key: (input: { readonly order: string }) => input.order,
 *     output: Schema.String,
 *     timeToLive: "1 day"
 *   })
 * )
 * const twice = Effect.all([charge({ order: "o1" }), charge({ order: "o1" })])
 * await Effect.runPromise(Effect.provide(twice, KeyValue.layerMemory())) // => ["receipt 1", "receipt 1"]
 * ```
 */
export const idempotency = <In, Out>(options: IdempotencyOptions<In, Out>): Idempotency<In, Out> => {
  const { name } = options
  const whenUnavailable = options.whenUnavailable ?? "fail"
  const keepMillis = Duration.toMillis(options.timeToLive)
  const leaseMillis = Duration.toMillis(options.lease ?? "1 minute")
  const codec = Schema.fromJsonString(options.output)
  const encode = Schema.encodeEffect(codec)
  const decode = Schema.decodeUnknownEffect(codec)
  const unsettled = Effect.logWarning(`${name}: the key-value store did not take the outcome of a call`)

  return <In1 extends In, Err, Req>(next: Processor<In1, Out, Err, Req>) => {
    const work = OnceOnly.discharged(next)
    type Failure = Err | InProgress | KeyReused | Fault.Unavailable
    type Call = Effect.Effect<Out, Failure, Exclude<Req, OnceOnly.OnceOnly>>

    const settle = (claim: Extract<Claims.Claim, { readonly _tag: "Mine" }>, exit: Exit.Exit<Out, Err>) =>
      Effect.catchTag(
        Exit.isSuccess(exit)
          // An answer that does not fit its own schema is a bug of the work; the defect says so.
          ? Effect.flatMap(Effect.orDie(encode(exit.value)), claim.settle)
          : claim.release,
        "Unavailable",
        () => unsettled
      )

    return layered("idempotency", { name, timeToLiveMillis: keepMillis, leaseMillis, whenUnavailable }, next, (
      input: In1
    ) =>
      Effect.flatMap(KeyValue, (store) =>
        // Nothing comes between the claim and the work, and nothing cuts off what settles it.
        Effect.uninterruptibleMask((restore): Call =>
          Effect.matchEffect(
            Claims.claim(store, {
              slot: `idempotency:${name}:${digest(options.key(input))}`,
              fingerprint: digest(options.fingerprint?.(input) ?? ""),
              leaseMillis,
              keepMillis
            }),
            {
              onFailure: (fault): Call => whenUnavailable === "run" ? restore(work(input)) : Effect.fail(fault),
              onSuccess: (claim): Call => {
                switch (claim._tag) {
                  case "Mine":
                    return Effect.onExit(restore(invoke(work, input)), (exit) => settle(claim, exit))
                  case "Answered":
                    return Effect.orDie(decode(claim.answer))
                  case "Running":
                    return Effect.fail(new InProgress({ operation: name }))
                  case "Reused":
                    return Effect.fail(new KeyReused({ operation: name }))
                }
              }
            }
          )
        )))
  }
}

/** What {@link idempotency} makes. */
export type Idempotency<In, Out> = <In1 extends In, Err, Req>(
  next: Processor<In1, Out, Err, Req>
) => Processor<
  In1,
  Out,
  Err | InProgress | KeyReused | Fault.Unavailable,
  Exclude<Req, OnceOnly.OnceOnly> | KeyValue
>

/** What is stored in place of a text that may be long, or secret. */
const digest = (text: string): string => createHash("sha256").update(text).digest("hex")
