/**
 * What a crash leaves in a stream. The server writes down at once what a consumer has acknowledged, but only later that
 * the message is gone: killed in between, it has messages again that it will not deliver, and counts them for ever.
 * They are removed here; they are those up to the consumer's ack floor, below which nothing waits.
 *
 * The other way round, the consumer may wait for ever for one that is gone, which keeps the floor below it.
 *
 * One by one: server 2.9 forgets what is being handled when a stream is purged.
 */
import type { Fault } from "@kanau/core"
import type { ConsumerInfo } from "@nats-io/jetstream"
import { Effect } from "effect"
import type { Session } from "./link.ts"
import { call } from "./link.ts"

const longestPauseMillis = 10_000

/** Numbers of messages that are gone between others, before they are not asked for. */
const mostGone = 50_000

/** Looks again until all that was delivered before it was called is acknowledged, so that none is left. */
export const remove = (session: Session, stream: string, consumer: string): Effect.Effect<void, Fault.Unavailable> =>
  Effect.gen(function*() {
    let info = yield* look(session, stream, consumer)
    if (info.num_ack_pending > 0) yield* acknowledgeGone(session, stream, info)
    const last = info.delivered.stream_seq
    let next = 1
    for (let pause = 1000;; pause = Math.min(2 * pause, longestPauseMillis)) {
      const floor = info.ack_floor.stream_seq
      while (next <= floor) {
        next = yield* removeFirst(session, stream, { next, floor, subject: info.config.filter_subject })
      }
      if (floor >= last) return
      yield* Effect.sleep(pause)
      info = yield* look(session, stream, consumer)
    }
  })

/** Acknowledges what is no longer in the stream, of what was delivered. Where nobody waits for it, that changes nothing. */
const acknowledgeGone = (
  { connection, manager }: Session,
  stream: string,
  { ack_floor, delivered, name }: ConsumerInfo
): Effect.Effect<void, Fault.Unavailable> =>
  call(async () => {
    const { state: { num_deleted } } = await manager.streams.info(stream)
    // An answer has to fit a message.
    if (num_deleted > mostGone) return
    const { state } = await manager.streams.info(stream, { deleted_details: true })
    for (const seq of state.deleted ?? []) {
      if (seq <= ack_floor.stream_seq || seq > delivered.stream_seq) continue
      // As the server words it in a delivery: how often, its number in the stream and for the consumer, when, how many wait.
      connection.publish(`$JS.ACK.${stream}.${name}.1.${seq}.0.0.0`, "+ACK")
    }
  })

const look = ({ manager }: Session, stream: string, consumer: string) =>
  call(() => manager.consumers.info(stream, consumer))

/** Removes the first message at or after a place, if it is not above the floor; answers where to go on. */
const removeFirst = (
  { manager }: Session,
  stream: string,
  { floor, next, subject = ">" }: {
    readonly next: number
    readonly floor: number
    readonly subject?: string | undefined
  }
): Effect.Effect<number, Fault.Unavailable> =>
  call(async () => {
    const place = { seq: next, next_by_subj: subject }
    const found = await manager.streams.getMessage(stream, place)
    if (found === null || found.seq > floor) return floor + 1
    // Another process may be faster.
    await manager.streams.deleteMessage(stream, found.seq, false).catch(async (error: unknown) => {
      if (await manager.streams.getMessage(stream, { seq: found.seq }) !== null) throw error
    })
    return found.seq + 1
  })
