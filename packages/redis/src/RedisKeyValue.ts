/**
 * The key-value port on Redis (6.2 or newer). Every operation is one command, so it is atomic on its key.
 *
 * Redis may be down, also at the start: operations then fail at once with `Unavailable`, nothing queues up, and the
 * connection comes back by itself. A command that Redis does not answer within the time-out fails too, and whether it
 * was carried out is unknown. What is stored is as lasting as Redis is configured to be.
 */
import { Fault, KeyValue } from "@kanau/core"
import { Duration, Effect, Layer, Option, Redacted } from "effect"
import { Redis } from "ioredis"

/** Where Redis is, and how long to wait for it. */
export interface Options {
  /** `redis://user:password@host:port/database`, or `rediss://` for TLS. */
  readonly url: Redacted.Redacted
  /** Stands before every key, so that applications can share a server. */
  readonly prefix: string
  /** How long one command may take; 200 ms. */
  readonly timeout?: Duration.Input
}

/** The store. Building it waits a moment for the connection, and succeeds without one. */
export const layer = (options: Options): Layer.Layer<KeyValue.KeyValue> =>
  Layer.effect(
    KeyValue.KeyValue,
    Effect.map(connect(options), (redis) => {
      const ask = <A>(command: () => Promise<A>): Effect.Effect<A, Fault.Unavailable> =>
        Effect.tryPromise({ try: command, catch: (error) => unavailable(redis, error) })
      const keyOf = (key: string): string => `${options.prefix}${key}`
      return KeyValue.KeyValue.of({
        get: (key) => Effect.map(ask(() => redis.get(keyOf(key))), Option.fromNullishOr),
        set: (key, value, ttlMillis) => Effect.asVoid(ask(() => redis.set(keyOf(key), value, "PX", expiry(ttlMillis)))),
        setIfAbsent: (key, value, ttlMillis) =>
          Effect.map(ask(() => redis.set(keyOf(key), value, "PX", expiry(ttlMillis), "NX")), (reply) => reply === "OK"),
        take: (key) => Effect.map(ask(() => redis.getdel(keyOf(key))), Option.fromNullishOr),
        remove: (key) => Effect.asVoid(ask(() => redis.del(keyOf(key))))
      })
    })
  )

const connect = (options: Options) =>
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

/** Redis refuses expiry times below one millisecond. */
const expiry = (ttlMillis: number): number => Math.max(1, Math.ceil(ttlMillis))

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
