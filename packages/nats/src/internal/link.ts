/**
 * One connection to the server that is opened again whenever it is lost, for ever, with exponential back-off and
 * jitter. The client's own reconnecting is off: it would hold back what is sent meanwhile and send it later.
 */
import { Fault } from "@kanau/core"
import { BusAdapter } from "@kanau/messaging"
import type { JetStreamManager } from "@nats-io/jetstream"
import { jetstreamManager } from "@nats-io/jetstream"
import type { Msg, MsgHdrs, NatsConnection, NodeConnectionOptions } from "@nats-io/transport-node"
import { connect, errors } from "@nats-io/transport-node"
import type { Scope } from "effect"
import { Deferred, Effect, Latch, Redacted } from "effect"

/** An open connection. */
export interface Session {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  /** Completes with the reason when the connection is lost. */
  readonly closed: Deferred.Deferred<string>
  /** Questions that wait for an answer; the client forgets those that are asked while it closes. */
  readonly waiting: Set<(reason: string) => void>
  /** Gives the connection up, and ends the questions. */
  readonly lost: (reason: string) => void
}

/** Why a question has no answer. */
export interface NoAnswer {
  /** Nobody takes the subject; it cannot be sent; too large to be sent; it may or may not have arrived. */
  readonly why: "nobody" | "not-sent" | "too-large" | "unanswered"
  readonly reason: string
}

export interface Link {
  readonly current: () => Session | undefined
  /** The open connection, waiting at most two seconds for one. */
  readonly session: Effect.Effect<Session, Fault.Unavailable>
  /** The open connection, waiting as long as it takes. */
  readonly whenOpen: Effect.Effect<Session>
}

/** Keeps a connection until the scope closes. Succeeds at once, whether the server answers or not. */
export const make = (options: {
  readonly url: Redacted.Redacted
  readonly pingMillis: number
  /** Prepares a fresh connection before anyone may use it. */
  readonly open: (session: Session) => Effect.Effect<void, Fault.Unavailable>
}): Effect.Effect<Link, never, Scope.Scope> =>
  Effect.gen(function*() {
    let current: Session | undefined
    const isOpen = Latch.makeUnsafe()

    const once = Effect.scoped(
      Effect.gen(function*() {
        const session = yield* Effect.uninterruptibleMask((restore) =>
          Effect.tap(
            restore(open(Redacted.value(options.url), options.pingMillis)),
            (opened) => Effect.addFinalizer(() => close(opened))
          )
        )
        yield* Effect.raceFirst(
          options.open(session),
          Effect.flatMap(Deferred.await(session.closed), (reason) => Effect.fail(unavailable(reason)))
        )
        current = session
        isOpen.openUnsafe()
        yield* Effect.logInfo("Connected to NATS")
        const reason = yield* Deferred.await(session.closed)
        yield* Effect.logWarning(`The connection to NATS is lost and will be opened again: ${reason}`)
      }).pipe(Effect.onExit(() =>
        Effect.sync(() => {
          current = undefined
          isOpen.closeUnsafe()
        })
      ))
    )
    yield* BusAdapter.persistently(once).pipe(
      Effect.forkScoped
    )

    const usable = () => current !== undefined && !Deferred.isDoneUnsafe(current.closed) ? current : undefined
    const whenOpen: Effect.Effect<Session> = Effect.flatMap(
      isOpen.await,
      () =>
        Effect.suspend(() => {
          const open = usable()
          return open === undefined ? Effect.andThen(Effect.sleep("10 millis"), whenOpen) : Effect.succeed(open)
        })
    )
    const session = Effect.suspend(() => {
      const open = usable()
      return open !== undefined ? Effect.succeed(open) : Effect.timeoutOrElse(whenOpen, {
        duration: "2 seconds",
        orElse: () => Effect.fail(unavailable("there is no connection"))
      })
    })
    return { current: usable, session, whenOpen }
  })

export const unavailable = (cause: unknown): Fault.Unavailable =>
  new Fault.Unavailable({
    dependency: "nats",
    reason: typeof cause === "string" ? cause : cause instanceof Error ? cause.message : "unknown error"
  })

/** A call of the client library; a refusal or a lost connection is `Unavailable`. */
export const call = <A>(ask: () => Promise<A>): Effect.Effect<A, Fault.Unavailable> =>
  Effect.tryPromise({ try: ask, catch: unavailable })

/** A call made while closing: two seconds at most, and its failure changes nothing. */
export const farewell = (ask: () => Promise<unknown>): Effect.Effect<void> =>
  Effect.ignore(Effect.timeout(call(ask), "2 seconds"))

/** Sends a message and waits for its answer. */
export const request = (
  { closed, connection, lost, waiting }: Session,
  subject: string,
  data: Uint8Array | string,
  options: { readonly timeout: number; readonly headers?: MsgHdrs }
): Effect.Effect<Msg, NoAnswer> =>
  Effect.callback((resume) => {
    if (Deferred.isDoneUnsafe(closed)) {
      return resume(Effect.fail({ why: "not-sent", reason: "the connection is lost" }))
    }
    const give = (answer: Effect.Effect<Msg, NoAnswer>) => {
      waiting.delete(end)
      resume(answer)
    }
    const end = (reason: string) => give(Effect.fail({ why: "unanswered", reason }))
    waiting.add(end)
    connection.request(subject, data, options).then(
      (answer) => give(Effect.succeed(answer)),
      (error: unknown) => {
        // Questions end before anything else shows that the connection does.
        if (connection.isClosed() || isClosing(error)) lost("disconnected")
        give(Effect.fail(noAnswer(error)))
      }
    )
  })

const isClosing = (error: unknown): boolean => error instanceof errors.RequestError && !error.isNoResponders()

const noAnswer = (error: unknown): NoAnswer => {
  const reason = error instanceof Error ? error.message : "unknown error"
  if (error instanceof errors.RequestError && error.isNoResponders()) return { why: "nobody", reason }
  // The client measures payload and headers against what the server told it.
  if (error instanceof errors.InvalidArgumentError && reason.includes("max_payload")) {
    return { why: "too-large", reason }
  }
  const isUnsent = error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError ||
    error instanceof errors.InvalidSubjectError || error instanceof errors.InvalidArgumentError
  return { why: isUnsent ? "not-sent" : "unanswered", reason }
}

const open = (url: string, pingMillis: number): Effect.Effect<Session, Fault.Unavailable> =>
  Effect.callback<Session, Fault.Unavailable>((resume) => {
    let abandoned = false
    const opened = async (): Promise<Session> => {
      const connection = await connect({
        ...address(url),
        name: "kanau",
        reconnect: false,
        timeout: 5000,
        pingInterval: pingMillis,
        maxPingOut: 2,
        noAsyncTraces: true
      })
      const closed = Deferred.makeUnsafe<string>()
      const waiting: Session["waiting"] = new Set()
      const lost = (reason: string) => {
        Deferred.doneUnsafe(closed, Effect.succeed(reason))
        for (const end of waiting) end(reason)
      }
      connection.closed().then((error) => lost(error instanceof Error ? error.message : "closed"), () => lost("closed"))
      watch(connection, lost).catch(() => lost("closed"))
      const manager = await jetstreamManager(connection, { checkAPI: false })
      if (abandoned) await connection.close()
      return { connection, manager, closed, waiting, lost }
    }
    opened().then(
      (session) => resume(Effect.succeed(session)),
      (error: unknown) => resume(Effect.fail(unavailable(error)))
    )
    return Effect.sync(() => {
      abandoned = true
    })
  })

/** A peer that no longer answers is given up at once; closing such a connection properly may never end. */
const watch = async (connection: NatsConnection, lost: (reason: string) => void): Promise<void> => {
  for await (const { type } of connection.status()) {
    if (type === "staleConnection") lost("the server does not answer")
    if (type === "disconnect") lost("disconnected")
  }
}

/** `nats://user:password@host:port,host:port`; the client wants the credentials beside the addresses. */
const address = (text: string): NodeConnectionOptions => {
  const parts = text.split(",")
  const first = URL.canParse(parts[0] ?? "") ? new URL(parts[0] ?? "") : undefined
  const user = decodeURIComponent(first?.username ?? "")
  const pass = decodeURIComponent(first?.password ?? "")
  return {
    servers: parts.map((part) => part.replace(/^\w+:\/\//, "").replace(/^.*@/, "").replace(/\/$/, "")),
    ...(user === "" ? {} : pass === "" ? { token: user } : { user, pass }),
    ...(first?.protocol === "tls:" ? { tls: {} } : {})
  }
}

/** What is still under way fails when the socket is gone, which the client does only after a proper farewell. */
const close = ({ connection, lost }: Session): Effect.Effect<void> =>
  Effect.suspend(() => {
    lost("closed")
    return farewell(() => connection.close())
  })
