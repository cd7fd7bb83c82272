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
import { Effect } from "effect"
import type { Session } from "./link.ts"
import { call, request, unavailable } from "./link.ts"
import type { Names } from "./names.ts"
import { refusal } from "./outlet.ts"

export interface Bindings {
  /** The queues that took the type when they were last asked for. */
  readonly known: (type: string) => ReadonlyArray<string> | undefined
  /** The queues that take the type now. */
  readonly fresh: (session: Session, type: string) => Effect.Effect<ReadonlyArray<string>, Fault.Unavailable>
  /** Adds a queue to those that take the type. */
  readonly bind: (session: Session, type: string, queue: string) => Effect.Effect<void, Fault.Unavailable>
}

type Resume = (found: Effect.Effect<ReadonlyArray<string>, Fault.Unavailable>) => void

interface Entry {
  queues: ReadonlyArray<string> | undefined
  isAsking: boolean
  waiting: Array<{ readonly session: Session; readonly resume: Resume }>
}

export const make = (
  names: Names,
  /** Makes the stream again, with what this process knows, when it is gone. */
  restore: (session: Session) => Effect.Effect<void, Fault.Unavailable>
): Bindings => {
  const entries = new Map<string, Entry>()

  const entryOf = (type: string): Entry => {
    let entry = entries.get(type)
    if (entry === undefined) entries.set(type, entry = { queues: undefined, isAsking: false, waiting: [] })
    return entry
  }

  const ask = async (type: string, entry: Entry): Promise<void> => {
    const asked = entry.waiting
    const last = asked.at(-1)
    if (last === undefined) return
    entry.waiting = []
    entry.isAsking = true
    try {
      const { queues } = await read(last.session.manager, names, type).catch((error: unknown) =>
        isMissing(error)
          ? Effect.runPromise(restore(last.session)).then(() => read(last.session.manager, names, type))
          : Promise.reject(error)
      )
      entry.queues = queues.length === 0 ? undefined : queues
      for (const { resume } of asked) resume(Effect.succeed(queues))
    } catch (error) {
      for (const { resume } of asked) resume(Effect.fail(unavailable(error)))
    }
    entry.isAsking = false
    // A type nobody takes is not worth remembering.
    if (entry.waiting.length === 0 && entry.queues === undefined) entries.delete(type)
    return ask(type, entry)
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
    fresh: (session, type) =>
      Effect.callback((resume) => {
        const entry = entryOf(type)
        entry.waiting.push({ session, resume })
        if (!entry.isAsking) void ask(type, entry)
      }),
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
