/**
 * One connection to the broker that is opened again whenever it is lost, for ever, with exponential back-off and
 * jitter. What lives on the connection (channels, topology) is set up anew each time, before anyone may use it.
 */
import { Fault } from "@kanau/core"
import { BusAdapter } from "@kanau/messaging"
import type { ChannelModel } from "amqplib"
import { connect } from "amqplib"
import type { Scope } from "effect"
import { Deferred, Effect, Latch, Redacted } from "effect"
import type { Socket } from "node:net"

/** An open connection. */
export interface Session<A> {
  readonly model: ChannelModel
  /** Completes with the reason when the connection is lost; completing it gives the connection up. */
  readonly closed: Deferred.Deferred<string>
  /** What `open` made on it. */
  readonly resources: A
}

export interface Link<A> {
  readonly current: () => Session<A> | undefined
  /** The open connection, waiting at most two seconds for one. */
  readonly session: Effect.Effect<Session<A>, Fault.Unavailable>
  /** The open connection, waiting as long as it takes. */
  readonly whenOpen: Effect.Effect<Session<A>>
}

/** Keeps a connection until the scope closes. Succeeds at once, whether the broker answers or not. */
export const make = <A>(options: {
  readonly url: Redacted.Redacted
  /** Shown in the broker's list of connections. */
  readonly name: string
  readonly open: (
    model: ChannelModel,
    closed: Deferred.Deferred<string>
  ) => Effect.Effect<A, Fault.Unavailable, Scope.Scope>
}): Effect.Effect<Link<A>, never, Scope.Scope> =>
  Effect.gen(function*() {
    let current: Session<A> | undefined
    const isOpen = Latch.makeUnsafe()

    const once = Effect.scoped(
      Effect.gen(function*() {
        const { closed, model } = yield* opened(options.url, options.name)
        current = { model, closed, resources: yield* options.open(model, closed) }
        isOpen.openUnsafe()
        yield* Effect.logInfo("Connected to RabbitMQ")
        const reason = yield* Deferred.await(closed)
        yield* Effect.logWarning(`The connection to RabbitMQ is lost and will be opened again: ${reason}`)
      }).pipe(Effect.onExit(() =>
        Effect.sync(() => {
          current = undefined
          isOpen.closeUnsafe()
        })
      ))
    )
    const persistent = BusAdapter.persistently(once).pipe(
      Effect.annotateLogs({ connection: options.name })
    )
    yield* Effect.forkScoped(persistent)

    const whenOpen: Effect.Effect<Session<A>> = Effect.flatMap(
      isOpen.await,
      () => Effect.suspend(() => current === undefined ? whenOpen : Effect.succeed(current))
    )
    const session = Effect.timeoutOrElse(whenOpen, {
      duration: "2 seconds",
      orElse: () => Effect.fail(unavailable("there is no connection"))
    })
    return { current: () => current, session, whenOpen }
  })

export const unavailable = (cause: unknown): Fault.Unavailable =>
  new Fault.Unavailable({
    dependency: "rabbitmq",
    reason: typeof cause === "string" ? cause : cause instanceof Error ? cause.message : "unknown error"
  })

/** A call of the client library; a refusal or a lost connection is `Unavailable`. */
export const call = <A>(ask: () => Promise<A>): Effect.Effect<A, Fault.Unavailable> =>
  Effect.tryPromise({ try: ask, catch: unavailable })

/** A call made while closing: two seconds at most, and its failure changes nothing. */
export const farewell = (ask: () => Promise<unknown>): Effect.Effect<void> =>
  Effect.ignore(Effect.timeout(call(ask), "2 seconds"))

interface Opened {
  readonly model: ChannelModel
  readonly closed: Deferred.Deferred<string>
}

const opened = (url: Redacted.Redacted, name: string): Effect.Effect<Opened, Fault.Unavailable, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.tap(restore(open(url, name)), (connection) => Effect.addFinalizer(() => close(connection)))
  )

const open = (url: Redacted.Redacted, name: string): Effect.Effect<Opened, Fault.Unavailable> =>
  Effect.callback<Opened, Fault.Unavailable>((resume) => {
    let abandoned = false
    connect(withHeartbeat(Redacted.value(url)), {
      timeout: 5000,
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: name }
    }).then((model) => {
      const closed = Deferred.makeUnsafe<string>()
      const lost = (error?: Error) => Deferred.doneUnsafe(closed, Effect.succeed(error?.message ?? "closed"))
      // An error event nobody listens to would end the process.
      model.on("error", lost)
      model.on("close", lost)
      if (abandoned) model.close().catch(() => destroy(model))
      else {
        gather(socketOf(model))
        resume(Effect.succeed({ model, closed }))
      }
    }, (error) => resume(Effect.fail(unavailable(error))))
    return Effect.sync(() => {
      abandoned = true
    })
  })

/** A dead peer is noticed after two intervals. What the URL says wins. */
const withHeartbeat = (url: string): string =>
  URL.canParse(url) && !new URL(url).searchParams.has("heartbeat")
    ? `${url}${url.includes("?") ? "&" : "?"}heartbeat=5`
    : url

/** A lost connection is not asked to close: it would wait for an answer that cannot come. */
const close = ({ closed, model }: Opened): Effect.Effect<void> =>
  Effect.andThen(
    Effect.suspend(() => Deferred.isDoneUnsafe(closed) ? Effect.void : farewell(() => model.close())),
    Effect.sync(() => destroy(model))
  )

/** The library closes only by handshake, which a dead peer never completes. */
const destroy = (model: ChannelModel): void => void socketOf(model).destroy()

/**
 * The library writes each frame by itself, which costs a system call per message and per acknowledgement. What it writes
 * in one turn goes out together.
 */
const gather = (socket: Socket): void => {
  const write = socket.write.bind(socket) as (...args: Parameters<Socket["write"]>) => boolean
  const gathering = (...args: Parameters<Socket["write"]>): boolean => {
    if (socket.writableCorked === 0) {
      socket.cork()
      process.nextTick(() => socket.uncork())
    }
    return write(...args)
  }
  socket.write = gathering as Socket["write"]
}

/** Not in the typings of the library. */
const socketOf = (model: ChannelModel): Socket => (model.connection as unknown as { readonly stream: Socket }).stream
