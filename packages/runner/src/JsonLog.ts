/**
 * The log: one JSON object per line on standard output, with `time, level, message, role, correlationId, causationId,
 * traceId`, the annotations of the running work, and `error`. The correlation is read from the fiber that logs, so no
 * code has to pass it along.
 *
 * Secrets wrapped in `Redacted` print as `<redacted>`. Errors print without the values that caused them: a fault by its
 * own sentence, a schema error by path and rule.
 */
import { Correlation } from "@kanau/core"
import { Config, Effect, Layer, Logger, References } from "effect"
import { describeCause, describeError } from "./internal/describe.ts"

/** One line, without the line feed. */
export const format = (role: string, options: Logger.Options<unknown>): string => {
  const correlation = options.fiber.getRef(Correlation.Correlation)
  return stringify({
    time: options.date.toISOString(),
    level: options.logLevel.toLowerCase(),
    message: (Array.isArray(options.message) ? options.message : [options.message]).map(printable).join(" "),
    role,
    correlationId: correlation.correlationId,
    causationId: correlation.causationId,
    traceId: correlation.traceparent.slice(3, 35),
    ...options.fiber.getRef(References.CurrentLogAnnotations),
    ...(options.cause.reasons.length === 0 ? {} : { error: describeCause(options.cause) })
  })
}

/** A logger that writes {@link format} to standard output. */
export const logger = (role: string): Logger.Logger<unknown, void> =>
  Logger.make((options) => void process.stdout.write(`${format(role, options)}\n`))

/** Replaces Effect's loggers by {@link logger}; `LOG_LEVEL` (default `info`) is the lowest level that is written. */
export const layer = (role: string): Layer.Layer<never, Config.ConfigError> =>
  Layer.mergeAll(
    Logger.layer([logger(role)]),
    Layer.effect(References.MinimumLogLevel, Effect.map(level, (name) => levels[name]))
  )

const levels = {
  trace: "Trace",
  debug: "Debug",
  info: "Info",
  warn: "Warn",
  error: "Error",
  fatal: "Fatal",
  none: "None"
} as const

const level = Config.Literals(
  ["trace", "debug", "info", "warn", "error", "fatal", "none"],
  "LOG_LEVEL"
).pipe(Config.withDefault("info" as const))

const printable = (part: unknown): string =>
  typeof part === "string" ? part : part instanceof Error ? describeError(part) : stringify(part)

/** Annotations come from anywhere; a value that JSON cannot carry must not cost us the line. */
const stringify = (value: unknown): string => {
  const seen = new Set<unknown>()
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member === "bigint") return member.toString()
    if (member instanceof Error) return describeError(member)
    if (typeof member !== "object" || member === null) return member
    if (seen.has(member)) return "[seen before]"
    seen.add(member)
    return member
  }) ?? String(value)
}
