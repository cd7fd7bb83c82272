/**
 * A system as data: what each of its roles serves, consumes and shows. It is made of the values that run, so it cannot
 * say anything else than what runs, and making or describing it connects to nothing.
 *
 * The packages that own a kind of part make them: `System.operations` here, `Route.parts` and `ViewGateway.part` in
 * `@kanau/http`, `Consumer.part` and `Timetable.parts` in `@kanau/messaging`, `View.part` in `@kanau/views`.
 */
import type { Schema } from "effect"
import type * as Fault from "./Fault.ts"
import type { Shape } from "./internal/shape.ts"
import { shapeOf } from "./internal/shape.ts"
import type * as Message from "./Message.ts"
import type * as Operation from "./Operation.ts"
import type { AnyHandler, Service } from "./processor/Service.ts"

/** An operation and what serves it. */
export interface OperationPart {
  readonly kind: "operation"
  readonly operation: Operation.Any
  readonly shape: Shape
}

/** An operation at a path. */
export interface RoutePart {
  readonly kind: "route"
  /** Upper case. */
  readonly method: string
  readonly path: string
  readonly operation: Operation.Any
  /** Who may call it: `open`, or the security scheme. */
  readonly security: string
}

/** The documents of a view at a path. */
export interface PagePart {
  readonly kind: "page"
  readonly path: string
  readonly view: string
  readonly summary: string
}

/** A message on a queue, what handles it, and what becomes of it when that fails. */
export interface HandledMessage {
  readonly message: Message.Any
  readonly shape: Shape
  /** Beyond the fault table. */
  readonly dispositions: ReadonlyArray<ErrorDisposition>
  /** What whoever asked is answered with, where a command is answered. */
  readonly answer?: Schema.Codec<unknown, unknown>
}

/** What becomes of a message when its handler fails with an error of this tag. */
export interface ErrorDisposition {
  readonly error: string
  /** Absent for an error that has no fault kind. */
  readonly kind?: Fault.Kind
  readonly disposition: Fault.Disposition
}

/** A queue and its handlers. */
export interface QueuePart {
  readonly kind: "queue"
  readonly queue: string
  /** Waits between attempts, the last one repeated. */
  readonly waitsMillis: ReadonlyArray<number>
  readonly attempts: number
  readonly handlers: ReadonlyArray<HandledMessage>
}

/** A view and what changes it. */
export interface ViewPart {
  readonly kind: "view"
  readonly view: string
  readonly events: ReadonlyArray<Message.Any>
}

/** A job that sends a signal when it is due. */
export interface SchedulePart {
  readonly kind: "schedule"
  readonly job: string
  /** When it is due, as it was written. */
  readonly calendar: string
  /** The time zone of the calendar; absent where none matters. */
  readonly zone?: string
  /** What becomes of due times that passed unfired. */
  readonly catchUp: string
  readonly jitterMillis: number
  readonly signal: Message.Any
}

/** Something a role does. */
export type Part = OperationPart | RoutePart | PagePart | QueuePart | ViewPart | SchedulePart

/** A system and everything in it. */
export interface System {
  readonly name: string
  readonly version: string
  readonly roles: Readonly<Record<string, ReadonlyArray<Part>>>
  /** Every operation of every role, once, by name. */
  readonly operations: ReadonlyArray<Operation.Any>
  /** Every message of every role, once, by type. */
  readonly messages: ReadonlyArray<Message.Any>
}

/**
 * Puts a system together. `messages` names those that are published and that no role here consumes.
 *
 * @example
 * ```ts
 * import { Operation, Processor, System } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * class Double extends Operation.define<Double>()("Double", { input: { n: Schema.Number }, output: Schema.Number }) {}
 * const numbers = Processor.serve(Processor.on(Double, ({ n }) => Effect.succeed(n * 2)))
 * const system = System.make({ name: "numbers", version: "1", roles: { api: System.operations(numbers) } })
 * system.operations.map(({ operation }) => operation) // => ["Double"]
 * ```
 */
export const make = (options: {
  readonly name: string
  readonly version: string
  readonly roles: Readonly<Record<string, ReadonlyArray<Part>>>
  readonly messages?: ReadonlyArray<Message.Any>
}): System => {
  const operations = new Map<string, Operation.Any>()
  const messages = new Map<string, Message.Any>()
  const addOperation = once<Operation.Any>(operations, "operation")
  const addMessage = once<Message.Any>(messages, "message")
  for (const message of options.messages ?? []) addMessage(message.type, message)
  for (const part of Object.values(options.roles).flat()) {
    if (part.kind === "operation" || part.kind === "route") addOperation(part.operation.operation, part.operation)
    if (part.kind === "view") { for (const event of part.events) addMessage(event.type, event) }
    if (part.kind === "schedule") addMessage(part.signal.type, part.signal)
    if (part.kind === "queue") { for (const { message } of part.handlers) addMessage(message.type, message) }
  }
  const handledOn = new Map<string, string>()
  for (const part of Object.values(options.roles).flat()) {
    if (part.kind !== "queue") continue
    for (const { message: { messageKind, type } } of part.handlers) {
      const other = handledOn.get(type) ?? part.queue
      if (messageKind === "command" && other !== part.queue) {
        throw new Error(`The command ${type} is handled on ${other} and on ${part.queue}; keep one handler`)
      }
      handledOn.set(type, part.queue)
    }
  }
  return {
    name: options.name,
    version: options.version,
    roles: options.roles,
    operations: sorted(operations),
    messages: sorted(messages)
  }
}

/**
 * The operations of a service as parts of a role.
 *
 * @example
 * ```ts
 * import { Processor, System } from "@kanau/core"
 *
 * System.operations(Processor.serve()) // => []
 * ```
 */
export const operations = (service: Service<AnyHandler>): ReadonlyArray<OperationPart> =>
  service.handlers.map(({ operation, process }) => ({ kind: "operation", operation, shape: shapeOf(process) }))

/** Two classes of one name would be told apart by nobody outside the process. */
const once = <A>(known: Map<string, A>, what: string) => (name: string, value: A): void => {
  const before = known.get(name)
  if (before !== undefined && before !== value) {
    throw new Error(`Two classes are the ${what} ${name}; give one of them another name`)
  }
  known.set(name, value)
}

const sorted = <A>(byName: ReadonlyMap<string, A>): ReadonlyArray<A> =>
  [...byName].sort(([a], [b]) => a < b ? -1 : 1).map(([, value]) => value)
