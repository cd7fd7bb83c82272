/**
 * What a process says about itself: whether it should get traffic, and which of its dependencies fail. Whoever owns a
 * dependency registers a check for it; the runner moves the phase.
 */
import { Fault } from "@kanau/core"
import type { Scope } from "effect"
import { Context, Deferred, Effect, Layer } from "effect"

/** `starting` until everything is built, `running`, and `draining` from the signal to stop until the end. */
export type Phase = "starting" | "running" | "draining"

/** The answer to "may this process get traffic?". */
export interface Report {
  readonly ready: boolean
  readonly phase: Phase
  /** `ok`, or why the check failed. */
  readonly checks: Readonly<Record<string, string>>
}

/** The contract of {@link Health}. */
export interface HealthService {
  /**
   * Adds a check until the scope closes. It runs for every readiness probe, so it must be cheap; one that takes longer
   * than two seconds counts as failed. Register only what this process cannot work without: a failing check takes the
   * process out of the load balancer.
   */
  readonly register: (name: string, check: Effect.Effect<void, unknown>) => Effect.Effect<void, never, Scope.Scope>
  /** Runs every check. Ready means: running, and no check failed. */
  readonly ready: Effect.Effect<Report>
  /** Completes when the process starts to drain, for work that would otherwise never end, such as open streams. */
  readonly draining: Effect.Effect<void>
  /** Moves to a phase; only the runner does. `draining` is final. */
  readonly enter: (phase: Phase) => Effect.Effect<void>
}

export class Health extends Context.Service<Health, HealthService>()("@kanau/runner/Health") {}

/** Starts in the phase `starting` with no checks. */
export const layer: Layer.Layer<Health> = Layer.effect(
  Health,
  Effect.map(Deferred.make<void>(), (drain) => {
    const checks = new Map<symbol, readonly [name: string, check: Effect.Effect<readonly [string, string]>]>()
    let phase: Phase = "starting"
    return Health.of({
      register: (name, check) =>
        Effect.asVoid(Effect.acquireRelease(
          Effect.sync(() => {
            const key = Symbol(name)
            checks.set(key, [name, outcome(name, check)])
            return key
          }),
          (key) => Effect.sync(() => checks.delete(key))
        )),
      ready: Effect.suspend(() =>
        Effect.map(
          Effect.all([...checks.values()].map(([, check]) => check), { concurrency: "unbounded" }),
          (outcomes) => ({
            ready: phase === "running" && outcomes.every(([, text]) => text === "ok"),
            phase,
            checks: Object.fromEntries(outcomes)
          })
        )
      ),
      draining: Deferred.await(drain),
      enter: (next) =>
        Effect.suspend(() => {
          if (phase !== "draining") phase = next
          return next === "draining" ? Deferred.succeed(drain, undefined) : Effect.void
        })
    })
  })
)

const outcome = (name: string, check: Effect.Effect<void, unknown>): Effect.Effect<readonly [string, string]> =>
  check.pipe(
    Effect.timeoutOrElse({ duration: "2 seconds", orElse: () => Effect.fail("no answer within two seconds") }),
    Effect.matchCause({
      onSuccess: () => [name, "ok"] as const,
      onFailure: (cause) => {
        const [first] = cause.reasons
        const error = first?._tag === "Fail" ? first.error : undefined
        return [name, typeof error === "string" ? error : Fault.isFault(error) ? error.message : "failed"] as const
      }
    })
  )
