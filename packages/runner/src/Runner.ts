/**
 * The life of a process: build, serve, drain, end. An application is a name and an Effect `Layer`; everything that has
 * to start or stop lives in that layer, and stopping means closing its scope.
 *
 * - Ready (`/readyz`) only when the whole layer is built, and no longer ready from the moment a signal arrives.
 * - SIGTERM or SIGINT: not ready, wait `DRAIN_DELAY` (default 0 s, for load balancers that look away slowly), then
 *   close the layer's scope; runners finish their work in flight in their finalizers. Exit code 0, or 1 when that
 *   took longer than `DRAIN_TIMEOUT` from the signal on (default 25 s: most orchestrators kill after 30 s).
 * - A second signal ends the process at once, with 143 (SIGTERM) or 130 (SIGINT).
 * - What cannot start says in one line what is missing, and exits with 1.
 * - An error nobody handles is logged, and ends the process with 1: its state is unknown.
 *
 * A signal that arrives while modules are still loading ends the process the way Node does it; nothing is open yet.
 */
import { Cause, Config, Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Logger, Scope } from "effect"
import * as Health from "./Health.ts"
import * as HealthServer from "./HealthServer.ts"
import { describeStart } from "./internal/describeStart.ts"
import * as JsonLog from "./JsonLog.ts"
import * as Telemetry from "./Telemetry.ts"

/** What a process consists of. */
export interface Application<E> {
  /** The role: it is in every log line and names the service in telemetry. */
  readonly name: string
  /** Everything the process does. Configuration is read in here too, so that a missing value is reported well. */
  readonly layer: Layer.Layer<never, E, Health.Health>
}

/**
 * Runs an application until a signal ends it, and exits the process. Call it last, once per process.
 *
 * @example
 * ```ts
 * Runner.run({ name: "api-gateway", layer: Gateway.layer })
 * ```
 */
export const run = <E>(application: Application<E>): void => {
  const stop = Deferred.makeUnsafe<NodeJS.Signals>()
  let signals = 0
  const onSignal = (signal: NodeJS.Signals) => {
    signals += 1
    if (signals > 1) process.exit(signal === "SIGINT" ? 130 : 143)
    Deferred.doneUnsafe(stop, Exit.succeed(signal))
  }
  process.on("SIGTERM", onSignal)
  process.on("SIGINT", onSignal)
  const crash = (what: string) => (error: unknown) => {
    Effect.runSync(
      Effect.provide(Effect.logFatal(what, Cause.die(error)), Logger.layer([JsonLog.logger(application.name)]))
    )
    process.exit(1)
  }
  process.on("uncaughtException", crash("An exception that nobody handled ends this process"))
  process.on("unhandledRejection", crash("A rejected promise that nobody handled ends this process"))
  // The health server keeps the process alive, also when the application itself opens nothing.
  Effect.runFork(live(application, stop)).addObserver((exit) => process.exit(Exit.isSuccess(exit) ? exit.value : 1))
}

/** Builds, waits for the signal, drains; succeeds with the exit code. */
const live = <E>(application: Application<E>, stop: Deferred.Deferred<NodeJS.Signals>): Effect.Effect<number> =>
  Effect.gen(function*() {
    const outer = yield* Scope.make()
    const base = yield* Effect.exit(Layer.buildWithScope(foundation(application.name), outer))
    if (Exit.isFailure(base)) {
      yield* Effect.provide(
        Effect.logFatal(`${application.name} cannot start: ${describeStart(base.cause)}`),
        Logger.layer([JsonLog.logger(application.name)])
      )
      return 1
    }
    return yield* Effect.provideContext(
      serve(application, stop, outer, base.value),
      base.value
    )
  })

const serve = Effect.fnUntraced(function*<E>(
  application: Application<E>,
  stop: Deferred.Deferred<NodeJS.Signals>,
  outer: Scope.Closeable,
  base: Context.Context<Health.Health | Drain>
) {
  const health = Context.get(base, Health.Health)
  const drain = Context.get(base, Drain)
  const inner = yield* Scope.make()
  const building = yield* Effect.forkDetach(Layer.buildWithScope(application.layer, inner))
  const built = yield* Effect.raceFirst(Fiber.await(building), Effect.as(Deferred.await(stop), undefined))
  if (built !== undefined && Exit.isFailure(built)) {
    yield* Effect.logFatal(`${application.name} cannot start: ${describeStart(built.cause)}`, built.cause)
    yield* closeWithin(Duration.seconds(5), Effect.andThen(Scope.close(inner, built), Scope.close(outer, built)))
    return 1
  }
  if (built !== undefined) {
    yield* health.enter("running")
    yield* Effect.logInfo(`${application.name} is ready`)
  }
  const signal = yield* Deferred.await(stop)
  yield* health.enter("draining")
  yield* Effect.logInfo(`${signal}: draining`)
  // One deadline over all of it: what counts for the orchestrator is when the process is gone.
  const drained = yield* closeWithin(
    drain.timeout,
    Effect.sleep(drain.delay).pipe(
      Effect.andThen(Fiber.interrupt(building)),
      Effect.andThen(Scope.close(inner, Exit.void))
    )
  )
  yield* drained
    ? Effect.logInfo(`${application.name} has drained`)
    : Effect.logError(`Work was still running ${Duration.format(drain.timeout)} after the signal and is cut off`)
  yield* closeWithin(Duration.seconds(4), Scope.close(outer, Exit.void))
  return drained ? 0 : 1
})

/** Whether closing ended in time. Finalizers cannot be interrupted, so they run apart and are left behind. */
const closeWithin = (limit: Duration.Duration, close: Effect.Effect<unknown>): Effect.Effect<boolean> =>
  Effect.forkDetach(close).pipe(
    Effect.flatMap(Fiber.await),
    Effect.flatMap((exit) => Exit.isSuccess(exit) ? Effect.void : Effect.logError("Draining failed", exit.cause)),
    Effect.timeoutOption(limit),
    Effect.map((done) => done._tag === "Some")
  )

class Drain extends Context.Service<Drain, {
  readonly delay: Duration.Duration
  readonly timeout: Duration.Duration
}>()("@kanau/runner/Drain") {}

/** What is there before the application is built and after it is gone. */
const foundation = (name: string) =>
  HealthServer.layer.pipe(
    Layer.provideMerge(Health.layer),
    Layer.provideMerge(Layer.effect(
      Drain,
      Config.all({
        delay: Config.Duration("DRAIN_DELAY").pipe(Config.withDefault(Duration.zero)),
        timeout: Config.Duration("DRAIN_TIMEOUT").pipe(Config.withDefault(Duration.seconds(25)))
      })
    )),
    Layer.provideMerge(Telemetry.layer(name)),
    Layer.provideMerge(JsonLog.layer(name))
  )
