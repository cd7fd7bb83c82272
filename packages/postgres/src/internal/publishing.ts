/**
 * Hands pages of events to the bus: subjects side by side, the events of one subject one after the other. Decides what
 * a failure means: the event was refused, or the bus cannot be reached.
 */
import { Fault } from "@kanau/core"
import { type Bus, RetryLadder } from "@kanau/messaging"
import { Cause, Effect, Exit, Metric, Random } from "effect"
import type { Parked, Pending, Pointer, Refusal } from "./pointers.ts"
import type { Claim } from "./shards.ts"

/** Most publishes waiting for their confirm. */
const window = 256
/** So many failures without one confirm stop a page early. */
const enough = 8
/** An event that could not be sent so often in a row, while others could, is refused. */
const suspicious = 5

/** What became of a page. An event in none of the lists stays where it is. */
export interface Batch<P extends Pointer> {
  readonly confirmed: Array<P>
  readonly refused: Array<{ readonly pointer: P; readonly refusal: Refusal }>
  /** Behind a refused event of their subject. */
  readonly waiting: Array<P>
}

export const batch = <P extends Pointer>(): Batch<P> => ({ confirmed: [], refused: [], waiting: [] })

export interface Publishing {
  /** Publishes pending events. `parked` holds subjects to leave alone; those that are refused now join it. */
  readonly publish: (pending: ReadonlyArray<Pending>, into: Batch<Pending>, parked: Set<string>) => Effect.Effect<void>
  /**
   * Publishes parked events that are due. When the bus has just confirmed others (`isUp`), what cannot be sent is
   * refused.
   */
  readonly retry: (parked: ReadonlyArray<Parked>, into: Batch<Parked>, isUp: boolean) => Effect.Effect<void>
  /** Whether the bus could not be reached the last time. */
  readonly isDown: () => boolean
}

type Result = "confirmed" | { readonly refused: string } | { readonly unavailable: string }

export const make = (
  bus: Bus.BusService,
  ladder: RetryLadder.RetryLadder,
  holds: (claim: Claim) => boolean
): Publishing => {
  let down = false
  const suspects = new Map<bigint, number>()

  const refuse = <P extends Pointer>(into: Batch<P>, pointer: P, reason: string, attempts: number) =>
    Effect.flatMap(Random.next, (random) => {
      const isLast = attempts >= ladder.attempts
      const delayMillis = isLast ? undefined : RetryLadder.delayMillis(ladder, attempts) * (0.5 + random / 2)
      into.refused.push({ pointer, refusal: { reason: reason.slice(0, 1024), attempts, delayMillis } })
      return (isLast
        ? Effect.logError("an event could not be published and is given up; its subject waits")
        : Effect.logWarning("an event could not be published and waits")).pipe(
          Effect.annotateLogs({ type: pointer.envelope.type, position: String(pointer.position), reason })
        )
    })

  /** Publishes lanes of events side by side, each in order; `attempts` counts those an event has had before. */
  const lanes = <P extends Pointer>(
    events: Iterable<ReadonlyArray<P>>,
    into: Batch<P>,
    attempts: (pointer: P) => number,
    isUp: boolean,
    onRefused: (lane: ReadonlyArray<P>, at: number) => void
  ): Effect.Effect<void> => {
    const refusals: Array<{ readonly lane: ReadonlyArray<P>; readonly at: number; readonly reason: string }> = []
    const unavailable: typeof refusals = []
    const inOrder = (lane: ReadonlyArray<P>) => {
      let at = 0
      let going = true
      return Effect.whileLoop({
        while: () => {
          const next = lane[at]
          return going && next !== undefined && holds(next.claim) &&
            (unavailable.length < enough || into.confirmed.length > 0)
        },
        body: () => send(bus, lane[at] as P),
        step: (result: Result) => {
          if (result === "confirmed") {
            into.confirmed.push(lane[at++] as P)
            return
          }
          going = false
          if ("refused" in result) refusals.push({ lane, at, reason: result.refused })
          else (isUp ? refusals : unavailable).push({ lane, at, reason: result.unavailable })
        }
      })
    }
    return Effect.gen(function*() {
      yield* Effect.forEach(events, inOrder, { concurrency: window, discard: true })
      down = unavailable.length > 0
      if (!down) suspects.clear()
      else if (into.confirmed.length > 0) {
        for (const failure of unavailable) {
          const position = failure.lane[failure.at]?.position ?? 0n
          const times = (suspects.get(position) ?? 0) + 1
          suspects.set(position, times)
          if (times >= suspicious) refusals.push(failure)
        }
      }
      for (const { at, lane, reason } of refusals) {
        const pointer = lane[at] as P
        yield* refuse(into, pointer, reason, attempts(pointer) + 1)
        onRefused(lane, at)
      }
      yield* Metric.update(relayed, into.confirmed.length)
    })
  }

  const publish: Publishing["publish"] = (pending, into, parked) => {
    const bySubject = Map.groupBy(pending, ({ subject }) => subject)
    for (const [subject, lane] of bySubject) {
      if (lane[0]?.blocked === true || parked.has(subject)) {
        bySubject.delete(subject)
        into.waiting.push(...lane)
      }
    }
    return lanes(bySubject.values(), into, () => 0, false, (lane, at) => {
      parked.add(lane[at]?.subject ?? "")
      into.waiting.push(...lane.slice(at + 1))
    })
  }

  const retry: Publishing["retry"] = (parked, into, isUp) => {
    const dropped = parked.filter(({ discarded }) => discarded)
    const sent = parked.filter(({ discarded }) => !discarded)
    return Effect.andThen(
      lanes(
        Map.groupBy(sent, ({ subject }) => subject).values(),
        into,
        ({ attempts }) => attempts,
        isUp,
        () => undefined
      ),
      Effect.sync(() => into.confirmed.push(...dropped))
    )
  }

  return { publish, retry, isDown: () => down }
}

/** An event without confirm is sent once more at once: the channel may have died under it through no fault of its own. */
const send = (bus: Bus.BusService, { envelope }: Pointer): Effect.Effect<Result> => {
  const once = Effect.exit(bus.publish(envelope))
  return Effect.flatMap(
    once,
    (first) => Exit.isFailure(first) && isUnconfirmed(first) ? Effect.map(once, judge) : Effect.succeed(judge(first))
  )
}

type Failure = Effect.Error<ReturnType<Bus.BusService["publish"]>>

const isUnconfirmed = (exit: Exit.Failure<void, Failure>): boolean => {
  const error = Cause.findErrorOption(exit.cause)
  return error._tag === "Some" && error.value._tag === "Unconfirmed"
}

const judge = (exit: Exit.Exit<void, Failure>): Result => {
  if (Exit.isSuccess(exit)) return "confirmed"
  const error = Cause.findErrorOption(exit.cause)
  if (error._tag === "None") {
    return Cause.hasInterruptsOnly(exit.cause)
      ? { unavailable: "publishing was interrupted" }
      : { refused: `publishing failed with a defect: ${Fault.describe(exit.cause)}` }
  }
  return error.value._tag === "Unavailable" ? { unavailable: error.value.message } : { refused: error.value.message }
}

const relayed = Metric.counter("kanau_relayed_total", {
  description: "Events published and confirmed by this relay",
  incremental: true
})
