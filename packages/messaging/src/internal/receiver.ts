/** What a consumer does with each delivery: restore its correlation, wait for its lane, handle it, decide, count. */
import { Correlation, Fault, type Id } from "@kanau/core"
import { Context, Deferred, Effect, Exit, LogLevel, Metric, References, Tracer } from "effect"
import type * as Bus from "../Bus.ts"
import type { Consumer } from "../Consumer.ts"
import { CurrentEnvelope } from "./currentEnvelope.ts"
import * as Disposition from "./disposition.ts"
import * as Lanes from "./lanes.ts"
import * as Pause from "./pause.ts"

export interface Circumstances {
  readonly ids: Id.Generator
  readonly random: () => number
  readonly closing: Deferred.Deferred<void>
  /** Completes when messages may be handled. */
  readonly whenOpen: Effect.Effect<void>
}

/** Restores the correlation, waits for the lane, handles, and decides. */
export const receiver = <R>(consumer: Consumer<R>, { closing, ids, random, whenOpen }: Circumstances) => {
  const byType = new Map(consumer.handlers.map((handler) => [handler.message.type, {
    process: handler.process,
    dispositions: new Map(handler.dispositions.map(({ error, disposition }) => [error, disposition]))
  }]))
  const lanes = Lanes.make(() => Deferred.isDoneUnsafe(closing))
  const pause = Pause.make(Deferred.await(closing))
  const conclude = concluder(consumer.queue.name, pause)
  const flight = Metric.withAttributes(inFlight, { queue: consumer.queue.name })
  let flying = 0

  return (delivery: Bus.Delivery): Effect.Effect<Bus.Settlement, never, R> => {
    const { envelope } = delivery
    const handler = byType.get(envelope.type)
    const correlation = Correlation.accept(ids, {
      correlationId: envelope.correlationid,
      causationId: envelope.id,
      traceparent: envelope.traceparent
    })
    const handle = (delivery: Bus.Delivery) =>
      handler === undefined
        ? conclude(delivery, unknownType(consumer.queue.name))
        : Effect.flatMap(Effect.exit(Effect.suspend(() => handler.process(delivery))), (exit) =>
          conclude(
            delivery,
            Exit.isSuccess(exit)
              ? Disposition.acknowledged
              : Disposition.ofFailure(exit.cause, delivery.attempt, consumer.ladder, handler.dispositions, random),
            exit
          ))
    const attempt = (delivery: Bus.Delivery): Effect.Effect<Bus.Settlement, never, R> => {
      const once = pause.run(Effect.andThen(whenOpen, consumer.gate(delivery, handle(delivery))))
      return !consumer.waitsInLane ?
        once :
        Effect.flatMap(once, (settlement) =>
          settlement._tag !== "Retry" ? Effect.succeed(settlement) : Effect.andThen(
            Effect.raceFirst(
              Effect.sleep(settlement.delayMillis),
              Effect.andThen(Deferred.await(closing), Effect.interrupt)
            ),
            Effect.suspend(() => attempt({ ...delivery, attempt: delivery.attempt + 1 }))
          ))
    }
    return Effect.withFiber((fiber) => {
      flight.updateUnsafe(++flying, fiber.context)
      return Effect.onExit(
        Effect.updateContext(
          consumer.ordered ? lanes.run(envelope.subject, attempt(delivery)) : attempt(delivery),
          (context: Context.Context<R>) => {
            const entered = context.pipe(
              Context.add(Correlation.Correlation, correlation),
              Context.add(CurrentEnvelope, envelope)
            )
            return Context.get(entered, References.TracerEnabled) && envelope.traceparent !== undefined
              ? Context.add(entered, Tracer.ParentSpan, Correlation.parentSpan(envelope.traceparent))
              : entered
          }
        ),
        () => Effect.sync(() => flight.updateUnsafe(--flying, fiber.context))
      )
    })
  }
}

const unknownType = (queue: string): Disposition.Disposition =>
  Disposition.deadLetter({
    reason: "permanent-error",
    error: `No handler for this message type on ${queue}; add one, or unbind the type from the queue.`
  })

/** Logs, counts and reports an outcome, and hands the settlement to the bus. */
const concluder = (queue: string, pause: Pause.Pause) => {
  const counters = {
    ack: Metric.withAttributes(settled, { queue, disposition: "ack" }),
    discard: Metric.withAttributes(settled, { queue, disposition: "discard" }),
    retry: Metric.withAttributes(settled, { queue, disposition: "retry" }),
    "dead-letter": Metric.withAttributes(settled, { queue, disposition: "dead-letter" })
  }
  return (
    { attempt, envelope }: Bus.Delivery,
    { error, name, settlement }: Disposition.Disposition,
    exit?: Exit.Exit<void, unknown>
  ): Effect.Effect<Bus.Settlement> =>
    Effect.withFiber((fiber) => {
      counters[name].updateUnsafe(1, fiber.context)
      const unavailable = exit !== undefined && Exit.isFailure(exit) && Fault.kindOf(exit.cause) === "unavailable"
      const reported = pause.report(unavailable)
      if (name === "ack") {
        const done = Effect.as(reported, settlement)
        // Asked first: the annotations cost more than all the rest.
        return LogLevel.isGreaterThan(fiber.getRef(References.MinimumLogLevel), "Debug") ? done : Effect.andThen(
          Effect.annotateLogs(Effect.logDebug(`${envelope.type} processed`), { queue, messageId: envelope.id }),
          done
        )
      }
      const log = name === "dead-letter" ? Effect.logError : name === "discard" ? Effect.logWarning : Effect.logInfo
      return log(`Message not processed: ${error}`).pipe(
        Effect.annotateLogs({ queue, type: envelope.type, messageId: envelope.id, attempt, disposition: name }),
        Effect.andThen(reported),
        Effect.flatMap((millis) =>
          millis === undefined
            ? Effect.void
            : Effect.annotateLogs(
              Effect.logWarning(`A dependency is unavailable; the consumer pauses for ${millis} ms`),
              { queue }
            )
        ),
        Effect.as(settlement)
      )
    })
}

const settled = Metric.counter("kanau_settled_total", {
  description: "Deliveries by what became of them",
  incremental: true
})

const inFlight = Metric.gauge("kanau_in_flight", {
  description: "Messages this process has been given and has not settled"
})
