/** The connection that every adapter of this package has, and how it asks. */
import { Fault, Layers } from "@kanau/core"
import { Duration, Effect, Redacted, type Scope } from "effect"
import { Redis } from "ioredis"
import { createHash } from "node:crypto"

/** Where Redis is, and how long to wait for it. */
export interface Options {
  /** `redis://user:password@host:port/database`, or `rediss://` for TLS. */
  readonly url: Redacted.Redacted
  /** Stands before every key, so that applications can share a server. */
  readonly prefix: string
  /** How long one command may take; 200 ms. */
  readonly timeout?: Duration.Input
  /** When commands are no longer sent for a while; the breaker of `Layers.presets.redis` when absent. */
  readonly breaker?: Layers.CircuitBreakerOptions
}

/** A connection that fails at once while Redis is away, and comes back by itself. */
export interface Client {
  readonly ask: <A>(command: (redis: Redis) => Promise<A>) => Effect.Effect<A, Fault.Unavailable>
  /** Runs a script on one key, by its hash; Redis gets the text when it does not know it yet. */
  readonly run: (
    script: Script,
    key: string,
    ...args: ReadonlyArray<string | number>
  ) => Effect.Effect<unknown, Fault.Unavailable>
  /** The key as Redis sees it. */
  readonly keyOf: (key: string) => string
}

/** A script with the name Redis knows it by. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** Names a script. */
export const script = (text: string): Script => ({ text, sha: createHash("sha1").update(text).digest("hex") })

/**
 * Connects; waits a moment for Redis, and succeeds without it. Every command goes through one circuit breaker, `name` in
 * the list of breakers.
 */
export const connect = (name: string, options: Options): Effect.Effect<Client, never, Scope.Scope> =>
  Effect.gen(function*() {
    const redis = yield* open(options)
    const breaker = yield* Layers.circuitBreaker(name, { ...Layers.presets.redis.breaker, ...options.breaker })
    const guarded = breaker.layer(<A>(command: Effect.Effect<A, Fault.Unavailable>) => command)
    const ask: Client["ask"] = (command) =>
      Effect.catchTag(
        guarded(Effect.tryPromise({ try: () => command(redis), catch: (error) => unavailable(redis, error) })),
        "CircuitOpen",
        () =>
          Effect.fail(new Fault.Unavailable({ dependency: "redis", reason: "failed too often, not called for now" }))
      )
    const keyOf = (key: string): string => `${options.prefix}${key}`
    return {
      ask,
      keyOf,
      run: ({ sha, text }, key, ...args) =>
        ask(async () => {
          try {
            return await redis.evalsha(sha, 1, keyOf(key), ...args)
          } catch (error) {
            if (error instanceof Error && error.message.startsWith("NOSCRIPT")) {
              return await redis.eval(text, 1, keyOf(key), ...args)
            }
            throw error
          }
        })
    }
  })

/** Redis refuses expiry times below one millisecond. */
export const expiry = (ttlMillis: number): number => Math.max(1, Math.ceil(ttlMillis))

const open = (options: Options) =>
  Effect.gen(function*() {
    const timeout = Duration.toMillis(options.timeout ?? "200 millis")
    const run = Effect.runForkWith(yield* Effect.context<never>())
    let connected = true
    const note = (now: boolean, message: Effect.Effect<void>) => {
      if (connected !== now) run(message)
      connected = now
    }
    const lost = () => note(false, Effect.logWarning("Redis is not reachable; what needs it fails until it is"))
    const redis = yield* Effect.acquireRelease(
      Effect.sync(() =>
        new Redis(Redacted.value(options.url), {
          commandTimeout: timeout,
          connectTimeout: 2000,
          // A peer that is gone without a word: destroyed, so that commands fail at once instead of after the time-out.
          socketTimeout: Math.max(1000, timeout * 2),
          enableOfflineQueue: false,
          // A command sent again after a reconnect could undo what was written since.
          autoResendUnfulfilledCommands: false,
          maxRetriesPerRequest: 0,
          retryStrategy: (attempt) => Math.min(attempt * 100, 2000)
        })
      ),
      (client) => Effect.sync(() => client.off("close", lost).disconnect())
    )
    // Without a listener the driver prints errors itself; each one also ends in "close".
    redis.on("error", () => undefined)
    redis.on("close", lost)
    redis.on("ready", () => note(true, Effect.logInfo("Redis is reachable again")))
    yield* Effect.callback<void>((resume) => {
      redis.once("ready", () => resume(Effect.void)).once("close", () => resume(Effect.void))
    }).pipe(Effect.timeoutOption("2 seconds"))
    return redis
  })

/** The first word of Redis's own errors; the rest may quote keys. */
const unavailable = (redis: Redis, error: unknown): Fault.Unavailable =>
  new Fault.Unavailable({
    dependency: "redis",
    reason: redis.status !== "ready"
      ? "not connected"
      : !(error instanceof Error)
      ? "unknown"
      : error.name === "ReplyError"
      ? `answered ${error.message.split(" ", 1)[0]}`
      : error.message
  })
