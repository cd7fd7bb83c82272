/**
 * Commands that are answered: a command class with the output and the errors of its answer, one handler that gives it,
 * and a client that waits for it, on any bus.
 *
 * The command lies in a queue of its own, named by its type, so it has one handler however many processes play it; the
 * answer comes as a signal to the process that asked. Both may be lost on the way or come late, so every request has a
 * time-out, after which the command may or may not have been carried out. One that is still in the queue by then is
 * dropped there. For work that must happen publish the command, and let its handler publish what came of it.
 */
import { type Codec, Envelope, Fault, Id, type Message, type OnceOnly, Processor } from "@kanau/core"
import { Cause, Clock, Context, Deferred, Duration, Effect, Exit, Layer, Result, Schema } from "effect"
import * as Bus from "./Bus.ts"
import * as Consumer from "./Consumer.ts"
import type * as RetryLadder from "./RetryLadder.ts"

/** A command class and its answer. */
export interface Request<out M extends Message.Any, in out Out, in out Err> {
  readonly message: M
  /** An output, one of the errors, or what became of the handler. */
  readonly answer: Schema.Codec<Result.Result<Out, Err | Lost>, unknown>
  /** The answer in the wire format of the command. */
  readonly codec: Codec.Codec<Result.Result<Out, Err | Lost>>
  readonly isError: (value: unknown) => value is Err
}

/** What a handler fails with beside the declared errors, as it reaches whoever asked. */
type Lost = Fault.Unavailable | Fault.Invariant

/**
 * Declares what a command is answered with: an output, or one of these errors. Faults that need no declaration reach
 * whoever asked as `Unavailable` or `Invariant`.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 * import { Request } from "@kanau/messaging"
 * import { Schema } from "effect"
 *
 * class Quote extends Message.command<Quote>()("shop.quote", {
 *   fields: { article: Schema.String },
 *   subject: (quote) => quote.article
 * }) {}
 * const quote = Request.define(Quote, { output: Schema.Number })
 * quote.message.type // => "shop.quote"
 * ```
 */
export const define = <
  M extends Message.Any,
  Out extends Schema.Codec<unknown, unknown>,
  const Errors extends ReadonlyArray<Fault.AnyClass> = readonly []
>(
  message: M,
  answer: { readonly output: Out; readonly errors?: Errors }
): Request<M, Out["Type"], Errors[number]["Type"]> => {
  const errors: ReadonlyArray<Schema.Codec<Errors[number]["Type"], unknown>> = answer.errors ?? []
  const output: Schema.Codec<Out["Type"], unknown> = answer.output
  const outcome = Schema.Result(output, Schema.Union([...errors, Fault.Unavailable, Fault.Invariant]))
  return {
    message,
    answer: outcome,
    codec: message.format.codec(outcome),
    isError: Schema.is(Schema.Union(errors))
  }
}

/**
 * The consumer of a command: handles it and sends the answer. A command that nobody waits for is handled as any message.
 *
 * @example
 * ```ts
 * const quotes = Request.serve(quote, ({ article }) => priceOf(article))
 * yield* Consumer.run(quotes)
 * ```
 */
export const serve = <M extends Message.Any, Out, Err, R = never>(
  request: Request<M, Out, Err>,
  process: Processor.Processor<M["Type"], Out, Err | Fault.Undeclared, R> & OnceOnly.MayRunTwice<R>,
  options: { readonly ladder?: RetryLadder.RetryLadder } = {}
): Consumer.Consumer<R | Bus.Bus> => {
  const work: Processor.Processor<M["Type"], Out, Err | Fault.Undeclared, R> = process
  const answering = (input: M["Type"]) =>
    Effect.flatMap(Consumer.currentEnvelope, (envelope) =>
      envelope.replyto === undefined
        ? Effect.asVoid(work(input))
        : Effect.matchEffect(work(input), {
          onSuccess: (value) => reply(request, envelope, Result.succeed(value)),
          onFailure: (error) =>
            request.isError(error) ? reply(request, envelope, Result.fail(error)) : Effect.fail(error)
        }))
  // The errors it declares are answers where somebody waits, and follow the fault table where nobody does.
  const handler = Consumer.on(
    request.message,
    answering as Processor.Processor<M["Type"], void, never, R | Bus.Bus> & OnceOnly.MayRunTwice<R | Bus.Bus>
  )
  return Consumer.make({
    queue: request.message.type,
    handlers: [{
      ...handler,
      shape: Processor.shape(process),
      process: refusing(request, handler.process),
      answer: request.answer
    }],
    ...options
  })
}

/** Drops what nobody waits for any more, and tells whoever waits that there will be no answer. */
const refusing = <M extends Message.Any, Out, Err, R>(
  request: Request<M, Out, Err>,
  process: Processor.Processor<Bus.Delivery, void, unknown, R>
) =>
(delivery: Bus.Delivery): Effect.Effect<void, unknown, R | Bus.Bus> => {
  const { envelope } = delivery
  if (envelope.replyto === undefined) return process(delivery)
  return Effect.flatMap(Clock.currentTimeMillis, (now) =>
    now >= Date.parse(envelope.expirytime ?? "")
      ? Effect.logInfo("A command expired before it was handled and is dropped")
      : Effect.flatMap(Effect.exit(process(delivery)), (exit) => {
        if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return exit
        const kind = Fault.kindOf(exit.cause)
        const reason = Fault.describe(exit.cause)
        const lost = kind !== "interrupted" && Fault.isTransient(kind)
          ? new Fault.Unavailable({ dependency: request.message.type, reason })
          : new Fault.Invariant({ reason: `${request.message.type} was not carried out: ${reason}` })
        // What cannot be read is worth keeping, a bug worth an alarm. Anything else is now up to whoever asked.
        const settled = kind === "undecodable" || kind === "invariant" || kind === "defect"
          ? exit
          : Effect.logWarning(`A command was not carried out: ${reason}`)
        return Effect.andThen(reply(request, envelope, Result.fail(lost)), settled)
      }))
}

/** An answer that cannot be sent is as one that was lost; one that never can be is a mistake of the handler. */
const reply = <M extends Message.Any, Out, Err>(
  request: Request<M, Out, Err>,
  { id, replyto = "" }: Envelope.Envelope,
  result: Result.Result<Out, Err | Lost>
): Effect.Effect<void, Fault.Invariant, Bus.Bus> =>
  Effect.flatMap(Bus.Bus, (bus) =>
    Effect.flatMap(
      Effect.mapError(
        request.codec.encode(result),
        (error) =>
          new Fault.Invariant({ reason: `The answer to ${request.message.type} breaks its schema: ${error.message}` })
      ),
      (data) =>
        Effect.catchTag(
          bus.broadcast(replyto, Buffer.concat([Buffer.from(id), data])),
          "Unavailable",
          (fault) => Effect.logWarning(`An answer could not be sent: ${fault.message}`)
        )
    ))

export interface RequestsService {
  /**
   * Publishes a command and waits for its answer. `Unroutable` when nothing handles the command; `TimedOut` when no answer
   * came in time.
   */
  readonly ask: <M extends Message.Any, Out, Err>(
    request: Request<M, Out, Err>,
    message: M["Type"],
    options: { readonly timeout: Duration.Input }
  ) => Effect.Effect<
    Out,
    | Err
    | Bus.Unroutable
    | Bus.Unconfirmed
    | Fault.Unavailable
    | Fault.TimedOut
    | Fault.Invariant
    | Message.SerializeError
  >
}

export class Requests extends Context.Service<Requests, RequestsService>()("@kanau/messaging/Request/Requests") {}

/** Asks over the bus. `source` names this process in the commands it sends, as a URI reference. */
export const layer = (options: { readonly source: string }): Layer.Layer<Requests, never, Bus.Bus> =>
  Layer.effect(
    Requests,
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      const replyto = `kanau.answers.${yield* Id.next}`
      const waiting = new Map<string, Deferred.Deferred<Uint8Array>>()
      yield* bus.listen(replyto, {
        onMessage: (data) => {
          const deferred = waiting.get(decoder.decode(data.subarray(0, idBytes)))
          if (deferred !== undefined) Deferred.doneUnsafe(deferred, Effect.succeed(data.subarray(idBytes)))
        },
        // Answers that were lost meanwhile end in the time-outs of their requests.
        onGap: () => undefined
      })

      return Requests.of({
        ask: (request, message, { timeout }) =>
          Effect.gen(function*() {
            const envelope = yield* Envelope.make(message, options)
            const millis = Duration.toMillis(timeout)
            const expires = (yield* Clock.currentTimeMillis) + millis
            const answered = Deferred.makeUnsafe<Uint8Array>()
            waiting.set(envelope.id, answered)
            const asked = bus.publish({ ...envelope, replyto, expirytime: new Date(expires).toISOString() })
            const data = yield* Effect.andThen(asked, Deferred.await(answered)).pipe(
              Effect.timeoutOrElse({
                duration: timeout,
                orElse: () => Effect.fail(new Fault.TimedOut({ operation: request.message.type, millis }))
              }),
              Effect.ensuring(Effect.sync(() => waiting.delete(envelope.id)))
            )
            const result = yield* Effect.mapError(request.codec.decode(data), (error) =>
              new Fault.Invariant({
                reason: `The answer to ${request.message.type} cannot be read: ${error.message}`
              }))
            return yield* Effect.fromResult(result)
          })
      })
    })
  )

const decoder = new TextDecoder()

/** An answer begins with the id of its request, which {@link Id.next} has made. */
const idBytes = 36
