/**
 * How many requests one client may send, over all routes: a token bucket for each client, with a burst after a quiet time.
 * Whoever shows a known bearer token is told apart by its name; everybody else by address, of IPv6 by the /64 network.
 *
 * Answers tell what is left, in the fields of the present IETF draft (draft-ietf-httpapi-ratelimit-headers-11:
 * `RateLimit` and `RateLimit-Policy`) and in those of draft 06 that most clients read (`RateLimit-Limit`,
 * `RateLimit-Remaining`, `RateLimit-Reset`). A refused request is answered with 429 and `Retry-After`.
 *
 * {@link make} counts in this process; {@link shared} in the `TokenBucket` of all processes, a round trip per request. When
 * that store does not answer, requests are let through and `kanau_http_limit_unavailable_total` grows.
 */
import { type Fault, TokenBucket } from "@kanau/core"
import { Config, Duration, Effect, Fiber, Metric } from "effect"
import type { IncomingMessage } from "node:http"
import * as ClientAddress from "./internal/clientAddress.ts"

/** The limit of each client. */
export interface Options extends TokenBucket.Rate {
  /**
   * Addresses and networks (`10.0.0.0/8`) of the proxies in front; only what these say in `X-Forwarded-For` is believed.
   * None when absent: the client is whoever opened the connection.
   */
  readonly trustedProxies?: ReadonlyArray<string>
  /** Stands before the keys of the store, so that limits do not share buckets; `http` when absent. */
  readonly name?: string
}

/**
 * From the environment: `RATE_LIMIT_PER_MINUTE` requests for each client, no limit when 0 or absent, and `TRUSTED_PROXIES`,
 * joined with commas.
 *
 * @example
 * ```ts
 * import { ClientLimit } from "@kanau/http"
 * import { Effect } from "effect"
 *
 * Effect.runSync(ClientLimit.config) // => undefined
 * ```
 */
export const config: Config.Config<Options | undefined> = Config.map(
  Config.all({
    limit: Config.Int("RATE_LIMIT_PER_MINUTE").pipe(Config.withDefault(0)),
    proxies: Config.String("TRUSTED_PROXIES").pipe(Config.withDefault(""))
  }),
  ({ limit, proxies }) =>
    limit <= 0 ? undefined : {
      limit,
      per: "1 minute",
      trustedProxies: proxies.split(",").map((proxy) => proxy.trim()).filter((proxy) => proxy !== "")
    }
)

/** Whether a request may go on, and the headers of its answer. */
export interface Verdict {
  readonly isAllowed: boolean
  readonly headers: Readonly<Record<string, string>>
}

export interface ClientLimit {
  /** Takes a request out of the client's bucket; `principal` is the name of the token it came with. */
  readonly take: (incoming: IncomingMessage, principal: string | undefined) => Verdict | Promise<Verdict>
}

/**
 * Counts in this process.
 *
 * @example
 * ```ts
 * import { ClientLimit } from "@kanau/http"
 * import { Effect } from "effect"
 *
 * const limit = Effect.runSync(ClientLimit.make({ limit: 600, per: "1 minute", burst: 100 }))
 * typeof limit.take // => "function"
 * ```
 */
export const make = (options: Options): Effect.Effect<ClientLimit> =>
  Effect.provide(shared(options), TokenBucket.layerMemory())

/**
 * Counts in a store that all processes share.
 *
 * @example
 * ```ts
 * import { TokenBucket } from "@kanau/core"
 * import { ClientLimit } from "@kanau/http"
 * import { Effect } from "effect"
 *
 * const limit = ClientLimit.shared({ limit: 600, per: "1 minute", trustedProxies: ["10.0.0.0/8"] })
 * typeof Effect.runSync(Effect.provide(limit, TokenBucket.layerMemory())).take // => "function"
 * ```
 */
export const shared = (options: Options): Effect.Effect<ClientLimit, never, TokenBucket.TokenBucket> =>
  Effect.gen(function*() {
    const buckets = yield* TokenBucket.TokenBucket
    const run = Effect.runForkWith(yield* Effect.context<never>())
    const addressOf = ClientAddress.resolver(options.trustedProxies ?? [])
    const { limit, per, burst = limit } = options
    const rate = { limit, per, burst }
    const verdictOf = verdicts(rate)
    const name = options.name ?? "http"
    return {
      take: (incoming, principal) => {
        const key = principal === undefined ? `${name}:a:${addressOf(incoming)}` : `${name}:p:${principal}`
        const verdict = Effect.matchEffect(buckets.take(key, rate), {
          onSuccess: (taken) =>
            taken.isAllowed
              ? Effect.succeed(verdictOf(taken))
              : Effect.as(Metric.update(limited, 1), verdictOf(taken)),
          onFailure: (_: Fault.Unavailable) => Effect.as(Metric.update(unavailable, 1), unknown)
        })
        const fiber = run(verdict)
        const done = fiber.pollUnsafe()
        return done?._tag === "Success" ? done.value : Effect.runPromise(Fiber.join(fiber))
      }
    }
  })

const unknown: Verdict = { isAllowed: true, headers: {} }

const verdicts = ({ burst, limit, per }: Required<TokenBucket.Rate>) => {
  const perMillis = Duration.toMillis(per)
  const millisPerCall = perMillis / limit
  // Windows are in whole seconds there.
  const scale = Math.max(1, 1000 / perMillis)
  const quota = Math.round(limit * scale)
  const policy = `"client";q=${quota};w=${Math.max(1, Math.round(perMillis / 1000))}`
  return (taken: TokenBucket.Taken): Verdict => {
    const remaining = taken.isAllowed ? taken.remaining : 0
    const millis = taken.isAllowed ? (burst - remaining) * millisPerCall : taken.retryAfterMillis
    const seconds = Math.max(1, Math.ceil(millis / 1000))
    const headers = {
      ratelimit: `"client";r=${remaining};t=${seconds}`,
      "ratelimit-policy": policy,
      "ratelimit-limit": String(quota),
      "ratelimit-remaining": String(remaining),
      "ratelimit-reset": String(seconds)
    }
    return taken.isAllowed
      ? { isAllowed: true, headers }
      : { isAllowed: false, headers: { ...headers, "retry-after": String(seconds) } }
  }
}

const limited = Metric.counter("kanau_http_limited_total", {
  description: "Requests refused because their client sent too many",
  incremental: true
})

const unavailable = Metric.counter("kanau_http_limit_unavailable_total", {
  description: "Requests let through because the store of the limit did not answer",
  incremental: true
})
