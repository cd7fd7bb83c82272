/**
 * The one error taxonomy. Every error a processor can fail with has a fault kind, and the kind alone decides
 * the HTTP status, what a consumer does with the message, and whether a retry makes sense.
 *
 * Declare an error with {@link define}; ask for the kind of anything that went wrong with {@link kindOf}.
 */
import type { Cause } from "effect"
import { Schema, SchemaIssue } from "effect"

/** What a consumer does with a message whose processing ended in a fault. */
export type Disposition = "discard" | "retry" | "dead-letter"

/** What a kind leads to. */
export interface Rule {
  /** Status of an HTTP answer. */
  readonly status: number
  readonly disposition: Disposition
  /** Most attempts before a retried message is dead-lettered; the ladder's own limit when absent. */
  readonly maxAttempts?: number
}

/**
 * The table: kind → status, disposition. One place, read by every runner.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * Fault.rules["not-found"] // => { status: 404, disposition: "discard" }
 * ```
 */
export const rules = {
  "invalid-input": { status: 400, disposition: "discard" },
  unauthenticated: { status: 401, disposition: "discard" },
  "permission-denied": { status: 403, disposition: "discard" },
  "not-found": { status: 404, disposition: "discard" },
  conflict: { status: 409, disposition: "retry" },
  gone: { status: 410, disposition: "discard" },
  "rate-limited": { status: 429, disposition: "retry" },
  undecodable: { status: 400, disposition: "dead-letter" },
  unavailable: { status: 503, disposition: "retry" },
  timeout: { status: 504, disposition: "retry" },
  invariant: { status: 500, disposition: "dead-letter" },
  defect: { status: 500, disposition: "retry", maxAttempts: 3 }
} as const satisfies Record<string, Rule>

/** One row of the fault table. */
export type Kind = keyof typeof rules

/**
 * The rule of a kind.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * Fault.rule("unavailable").disposition // => "retry"
 * ```
 */
export const rule = (kind: Kind): Rule => rules[kind]

/**
 * Kinds after which the same call may succeed if it is simply made again.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * Fault.isTransient("timeout") // => true
 * Fault.isTransient("not-found") // => false
 * ```
 */
export const isTransient = (kind: Kind): boolean =>
  kind === "unavailable" || kind === "timeout" || kind === "rate-limited"

/** Anything that carries a fault kind. */
export interface Fault<K extends Kind = Kind> {
  readonly _tag: string
  readonly kind: K
  readonly message: string
}

/**
 * Whether a value carries a fault kind.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * Fault.isFault(new Fault.Conflict({ reason: "taken" })) // => true
 * Fault.isFault(new Error("taken")) // => false
 * ```
 */
export const isFault = (value: unknown): value is Fault =>
  typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string" &&
  value.kind in rules

/**
 * Declares an error class: a tag (its stable name and, in kebab case, the `code` clients see), a fault kind, and its
 * fields. The last argument writes the sentence that clients and operators read; it must not quote secrets.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 * import { Schema } from "effect"
 *
 * class NoteNotFound extends Fault.define<NoteNotFound>()("NoteNotFound", "not-found", { id: Schema.String },
 *   (fault) => `There is no note ${fault.id}.`) {}
 * new NoteNotFound({ id: "n1" }).message // => "There is no note n1."
 * ```
 */
export const define =
  <Self = never>() =>
  <const Tag extends string, const K extends Kind, const Fields extends Schema.Struct.Fields>(
    tag: Tag,
    kind: K,
    fields: Fields,
    describe: (fault: Schema.Struct.Type<Fields>) => string
  ): ErrorClass<Self, Tag, K, Fields> => {
    class Declared extends Schema.TaggedError<Declared>()(tag, fields as Schema.Struct.Fields) {}
    Object.defineProperties(Declared.prototype, {
      kind: { value: kind },
      message: {
        get(this: Schema.Struct.Type<Fields>) {
          return describe(this)
        }
      }
    })
    return Object.assign(Declared, { kind }) as unknown as ErrorClass<Self, Tag, K, Fields>
  }

/** The class {@link define} makes: a schema, a constructor, and an error that can be yielded in `Effect.gen`. */
export type ErrorClass<Self, Tag extends string, K extends Kind, Fields extends Schema.Struct.Fields> =
  & Schema.Class<Self, Schema.TaggedStruct<Tag, Fields>, Cause.YieldableError & { readonly kind: K }>
  & { readonly kind: K }

/** What a schema of a declared error looks like to code that only passes it on. */
export type AnyClass = Schema.Codec<Fault, unknown> & { readonly kind: Kind; readonly identifier: string }

/**
 * The stable, client-visible name of a fault: its tag in kebab case.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * Fault.code(new Fault.TimedOut({ operation: "FindNote", millis: 50 })) // => "timed-out"
 * ```
 */
export const code = (fault: Fault): string => fault._tag.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase()

/**
 * The kind of a failure as a runner sees it. Typed faults keep theirs; anything thrown, and any error without a kind,
 * is a `defect`. An interruption has no kind: nothing went wrong, the work was asked to stop.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 * import { Cause } from "effect"
 *
 * Fault.kindOf(Cause.fail(new Fault.Conflict({ reason: "taken" }))) // => "conflict"
 * Fault.kindOf(Cause.die(new Error("a bug"))) // => "defect"
 * ```
 */
export const kindOf = (cause: Cause.Cause<unknown>): Kind | "interrupted" => {
  const found = faultOf(cause)
  if (found !== undefined) return found.kind
  return cause.reasons.length > 0 && cause.reasons.every((reason) => reason._tag === "Interrupt")
    ? "interrupted"
    : "defect"
}

/**
 * The typed fault of a failure, if it has one and nothing in it died.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 * import { Cause } from "effect"
 *
 * Fault.faultOf(Cause.fail(new Fault.Conflict({ reason: "taken" })))?.message // => "taken"
 * Fault.faultOf(Cause.die(new Error("a bug"))) // => undefined
 * ```
 */
export const faultOf = (cause: Cause.Cause<unknown>): Fault | undefined => {
  let found: Fault | undefined
  for (const reason of cause.reasons) {
    if (reason._tag === "Die") return undefined
    if (reason._tag === "Fail" && isFault(reason.error)) found ??= reason.error
  }
  return found
}

/**
 * What went wrong, for log lines and dead letters: tag and sentence of a fault, or name and message of anything thrown;
 * never a value, never a stack, at most 1024 characters.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 * import { Cause } from "effect"
 *
 * Fault.describe(Cause.fail(new Fault.Conflict({ reason: "taken" }))) // => "Conflict: taken"
 * Fault.describe(Cause.die("a secret")) // => "It threw something that is no Error"
 * ```
 */
export const describe = (cause: Cause.Cause<unknown>): string => {
  const fault = faultOf(cause)
  if (fault !== undefined) return cut(`${fault._tag}: ${fault.message}`)
  for (const reason of cause.reasons) {
    if (reason._tag === "Interrupt") continue
    const thrown = reason._tag === "Die" ? reason.defect : reason.error
    return thrown instanceof Error ? cut(`${thrown.name}: ${thrown.message}`) : "It threw something that is no Error"
  }
  return "It interrupted itself"
}

/** Without half a surrogate pair at the end. */
const cut = (text: string): string => text.length <= 1024 ? text : text.slice(0, 1024).replace(/[\uD800-\uDBFF]$/, "")

/**
 * The input broke its contract. `issues` name paths and rules, never values.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * new Fault.InvalidInput({ issues: [{ path: "id", message: "Missing key" }] }).message // => "id: Missing key"
 * ```
 */
export class InvalidInput extends define<InvalidInput>()("InvalidInput", "invalid-input", {
  issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String }))
}, (fault) => fault.issues.map((issue) => `${issue.path || "input"}: ${issue.message}`).join("; ")) {}

/**
 * The places at which a value broke its schema, each with the rule, none with the value.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * const error = Effect.runSync(Effect.flip(Schema.decodeUnknownEffect(Schema.Struct({ id: Schema.String }))({})))
 * Fault.issuesOf(error) // => [{ path: "id", message: "Missing key" }]
 * ```
 */
export const issuesOf = (error: Schema.SchemaError): InvalidInput["issues"] =>
  standardFormat(error.issue).issues.map((issue) => ({
    path: (issue.path ?? []).map((key) => String(typeof key === "object" ? key.key : key)).join("."),
    message: issue.message
  }))

const standardFormat = SchemaIssue.makeFormatterStandardSchemaV1()

/**
 * Nobody is logged in, or the credentials are wrong.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * new Fault.Unauthenticated().kind // => "unauthenticated"
 * ```
 */
export class Unauthenticated extends define<Unauthenticated>()(
  "Unauthenticated",
  "unauthenticated",
  {},
  () => "This needs valid credentials."
) {}

/**
 * Something we depend on does not answer. `dependency` names it (`postgres`, `rabbitmq`).
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * new Fault.Unavailable({ dependency: "redis", reason: "refused" }).message // => "redis is unavailable: refused"
 * ```
 */
export class Unavailable extends define<Unavailable>()("Unavailable", "unavailable", {
  dependency: Schema.String,
  reason: Schema.String
}, (fault) => `${fault.dependency} is unavailable: ${fault.reason}`) {}

/**
 * A deadline passed.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * new Fault.TimedOut({ operation: "FindNote", millis: 50 }).message // => "FindNote took longer than 50 ms"
 * ```
 */
export class TimedOut extends define<TimedOut>()(
  "TimedOut",
  "timeout",
  { operation: Schema.String, millis: Schema.Number },
  (fault) => `${fault.operation} took longer than ${fault.millis} ms`
) {}

/**
 * Somebody else changed the same thing first; read it again and decide anew.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * new Fault.Conflict({ reason: "Revision 3 is not the latest." }).kind // => "conflict"
 * ```
 */
export class Conflict extends define<Conflict>()(
  "Conflict",
  "conflict",
  { reason: Schema.String },
  (fault) => fault.reason
) {}

/**
 * A bug or broken data: retrying cannot help.
 *
 * @example
 * ```ts
 * import { Fault } from "@kanau/core"
 *
 * new Fault.Invariant({ reason: "An order without lines" }).kind // => "invariant"
 * ```
 */
export class Invariant extends define<Invariant>()(
  "Invariant",
  "invariant",
  { reason: Schema.String },
  (fault) => fault.reason
) {}

/** The built-in faults that any processor may fail with, whatever its operation declares. */
export type Infrastructure = Unavailable | TimedOut | Conflict | Invariant

/**
 * Any fault, also one of a layer, that says something about dependencies and load rather than about the work. Such
 * faults need not be declared: what they lead to is the same everywhere.
 */
export type Undeclared = Fault<"unavailable" | "timeout" | "conflict" | "invariant" | "rate-limited">
