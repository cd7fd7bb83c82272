/**
 * Which queues take a type: one message per type in a stream of its own, changed by compare and swap.
 *
 * A publisher can never miss a queue whose declaration has returned: each publish is checked against a question to the
 * stream's leader that was asked after the publish began. Publishes of a type that are in flight together share one.
 */
import type { Fault } from "@kanau/core"
import type { JetStreamManager } from "@nats-io/jetstream"
import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream"
import { headers } from "@nats-io/transport-node"
import { Deferred, Effect } from "effect"
import type { Session } from "./link.ts"
import { call, request, unavailable } from "./link.ts"
import type { Names } from "./names.ts"
import { refusal } from "./outlet.ts"

export interface Bindings {
  /** The queues that took the type when they were last asked for. */
  readonly known: (type: string) => ReadonlyArray<string> | undefined
  /** Asks at once which queues take the type; the effect waits for the answer. */
  readonly ask: (session: Session, type: string) => Effect.Effect<ReadonlyArray<string>, Fault.Unavailable>
  /** Adds a queue to those that take the type. */
  readonly bind: (session: Session, type: string, queue: string) => Effect.Effect<void, Fault.Unavailable>
}

type Answer = Deferred.Deferred<ReadonlyArray<string>, Fault.Unavailable>

interface Entry {
  queues: ReadonlyArray<string> | undefined
  isAsking: boolean
  /** Who asked since the last question was sent. */
  waiting: { readonly session: Session; readonly answer: Answer } | undefined
}

export const make = (
  names: Names,
  /** Makes the stream again, with what this process knows, when it is gone. */
  restore: (session: Session) => Effect.Effect<void, Fault.Unavailable>
): Bindings => {
  const entries = new Map<string, Entry>()

  const entryOf = (type: string): Entry => {
    let entry = entries.get(type)
    if (entry === undefined) entries.set(type, entry = { queues: undefined, isAsking: false, waiting: undefined })
    return entry
  }

  const send = async (type: string, entry: Entry): Promise<void> => {
    const { waiting } = entry
    if (waiting === undefined) return
    const { answer, session } = waiting
    entry.waiting = undefined
    entry.isAsking = true
    try {
      const { queues } = await read(session.manager, names, type).catch((error: unknown) =>
        isMissing(error)
          ? Effect.runPromise(restore(session)).then(() => read(session.manager, names, type))
          : Promise.reject(error)
      )
      entry.queues = queues.length === 0 ? undefined : queues
      Deferred.doneUnsafe(answer, Effect.succeed(queues))
    } catch (error) {
      Deferred.doneUnsafe(answer, Effect.fail(unavailable(error)))
    }
    entry.isAsking = false
    // A type nobody takes is not worth remembering.
    if (entry.waiting === undefined && entry.queues === undefined) entries.delete(type)
    return send(type, entry)
  }

  const bind: Bindings["bind"] = (session, type, queue) =>
    Effect.flatMap(call(() => read(session.manager, names, type)), ({ queues, seq }) => {
      if (queues.includes(queue)) return Effect.void
      const expected = headers()
      expected.set("Nats-Expected-Last-Subject-Sequence", String(seq))
      return request(session, names.binding(type), JSON.stringify([...queues, queue]), {
        headers: expected,
        timeout: 5000
      }).pipe(
        Effect.mapError(({ reason }) => unavailable(reason)),
        Effect.flatMap(({ data }) => {
          const refused = refusal(data)
          if (refused === undefined) return Effect.void
          // Another process was faster.
          return refused.code === wrongSequence
            ? bind(session, type, queue)
            : Effect.fail(unavailable(refused.description))
        })
      )
    })

  return {
    known: (type) => entries.get(type)?.queues,
    ask: (session, type) => {
      const entry = entryOf(type)
      entry.waiting ??= { session, answer: Deferred.makeUnsafe() }
      const { answer } = entry.waiting
      if (!entry.isAsking) void send(type, entry)
      return Deferred.await(answer)
    },
    bind
  }
}

const wrongSequence = 10071

const isMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound

const read = async (
  manager: JetStreamManager,
  names: Names,
  type: string
): Promise<{ readonly queues: ReadonlyArray<string>; readonly seq: number }> => {
  const found = await manager.streams.getMessage(names.bindings, { last_by_subj: names.binding(type) })
  return found === null ? { queues: [], seq: 0 } : { queues: found.json<ReadonlyArray<string>>(), seq: found.seq }
}
