/**
 * Sending again what was sent before, to one queue: dead letters, and events of the log.
 *
 * Dead letters: first they are staged, so that a letter that fails again meanwhile is not sent twice, then
 * they are sent in order, no faster than asked for, each marked once the bus has confirmed it.
 *
 * An interrupted redrive parks what it had not sent. After a crash such letters stay `redriving`, and a redrive with
 * `state: "redriving"` goes on with them; a letter may then be sent twice, with the same message id.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Envelope, Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Effect, Schema, Stream } from "effect"
import * as Database from "./Database.ts"
import * as DeadLetters from "./DeadLetters.ts"
import * as EventLog from "./EventLog.ts"

/** A queue letters were to be sent to has no consumer, so they would only lie there. */
export class NobodyConsumes extends Fault.define<NobodyConsumes>()(
  "NobodyConsumes",
  "conflict",
  { queue: Schema.String },
  (fault) => `Nobody consumes ${fault.queue}; start its role first. Nothing was sent.`
) {}

/** How letters are sent. */
export interface Options {
  /** Where they go; the queue each came from when absent. */
  readonly to?: string
  /** Most letters a second; 100 when absent. */
  readonly perSecond?: number
  readonly onProgress?: (sent: number, total: number) => Effect.Effect<void>
}

/**
 * Sends the letters of a filter again; says how many. Refuses with `NobodyConsumes`, before anything is sent, when a
 * queue they would go to has no consumer.
 *
 * @example
 * ```ts
 * yield* Redrive.redrive({ queue: "mail", fault: "Unavailable" }, { perSecond: 20 })
 * ```
 */
export const redrive = (
  filter: DeadLetters.Filter,
  options: Options = {}
): Effect.Effect<
  number,
  Fault.Unavailable | Fault.Conflict | Fault.Invariant | NobodyConsumes | Bus.NoQueue | Bus.Unconfirmed,
  PgClient.PgClient | Bus.Bus
> =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    const bus = yield* Bus.Bus
    const { onProgress = () => Effect.void, perSecond = 100, to } = options
    const groups = yield* DeadLetters.groups(filter)
    yield* Effect.forEach(new Set(groups.map((group) => to ?? group.queue)), isConsumed, { discard: true })
    const staged = yield* Database.faults(sql<{ number: bigint }>`
      with staged as (
        update kanau.dead_letters set state = 'redriving' where ${DeadLetters.conditions(sql, filter)}
        returning number, place
      ) select number from staged order by place, number`)
    let sent = 0
    const park = Effect.suspend(() => {
      const rest = staged.slice(sent).map(({ number }) => number)
      return rest.length === 0 ? Effect.void : Effect.ignore(Effect.timeout(
        sql`update kanau.dead_letters set state = 'parked'
          where state = 'redriving' and number = any(${`{${rest.join(",")}}`}::bigint[])`,
        "5 seconds"
      ))
    })
    const send = (number: bigint) =>
      Effect.gen(function*() {
        // Purged or resolved meanwhile, it is nobody's any more.
        const [letter] = yield* Database.faults(sql<{ queue: string; attributes: string; data: Uint8Array }>`
          select queue, attributes, data from kanau.dead_letters where number = ${number} and state = 'redriving'`)
        if (letter === undefined) return
        const queue = to ?? letter.queue
        yield* bus.send(queue, {
          attributes: JSON.parse(letter.attributes) as Bus.Parcel["attributes"],
          data: letter.data
        })
        yield* Database.faults(sql`
          update kanau.dead_letters set state = case when queue = ${queue} then 'redriven' else 'resolved' end,
            history = history || jsonb_build_object('at', now(), 'what', ${`redriven to ${queue}`}::text)
          where number = ${number} and state = 'redriving'`)
      })
    yield* Effect.forEach(staged, ({ number }) =>
      Effect.gen(function*() {
        yield* send(number)
        sent++
        yield* onProgress(sent, staged.length)
        if (sent < staged.length) yield* Effect.sleep(1000 / perSecond)
      })).pipe(Effect.onExit(() => park))
    return sent
  })

/**
 * Sends events of the log to one queue only, past the others, in order of position; says how many. Its consumer has
 * nothing to do for those its inbox knows. To publish events to everybody again see {@link EventLog.replay}.
 *
 * @example
 * ```ts
 * yield* Redrive.events({ type: "vndb.vn.edited", since: yesterday }, { to: "search-index" })
 * ```
 */
export const events = (
  filter: EventLog.Filter,
  options: { readonly to: string; readonly onProgress?: (sent: number) => Effect.Effect<void> }
): Effect.Effect<
  number,
  Fault.Unavailable | Fault.Conflict | Fault.Invariant | NobodyConsumes | Bus.NoQueue | Bus.Unconfirmed,
  PgClient.PgClient | Bus.Bus
> =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    yield* isConsumed(options.to)
    let sent = 0
    yield* EventLog.read(filter).pipe(
      Stream.mapEffect(
        (envelope) => bus.send(options.to, { attributes: Envelope.toAttributes(envelope), data: envelope.data }),
        { concurrency: 32 }
      ),
      Stream.runForEach(() =>
        Effect.suspend(() => {
          sent++
          return options.onProgress?.(sent) ?? Effect.void
        })
      )
    )
    return sent
  })

const isConsumed = (queue: string) =>
  Effect.flatMap(
    Bus.Bus,
    (bus) =>
      Effect.flatMap(bus.status(queue), (status) =>
        status === undefined || status.consumers === 0 ? Effect.fail(new NobodyConsumes({ queue })) : Effect.void)
  )
