/**
 * The connection a replication slot sends its changes on: takes them in order, as many as fit into memory, and confirms
 * them. Ends with `Unavailable` when the connection is lost.
 */
import { Fault } from "@kanau/core"
import { Clock, Deferred, Effect, Queue, Redacted, type Scope } from "effect"
import type { Socket } from "node:net"
import { LogicalReplicationService, type Pgoutput, PgoutputPlugin } from "pg-logical-replication"

/** What the server sent: a message of `pgoutput`, or that it has nothing more before `lsn`. */
export type Item =
  | { readonly _tag: "Message"; readonly lsn: bigint; readonly message: Pgoutput.Message }
  | { readonly _tag: "Nothing"; readonly lsn: bigint }

export interface Stream {
  /** Waits for something, then takes everything there is. */
  readonly take: Effect.Effect<ReadonlyArray<Item>, Fault.Unavailable>
  /** The server may forget what is before this place: it will not be sent again. */
  readonly confirm: (lsn: bigint) => Effect.Effect<void>
  /** Whether the slot cannot have gone to another process. */
  readonly isOurs: () => boolean
}

/** Most messages, and bytes of them, that wait in memory. */
const mostMessages = 1000
const mostBytes = 8 * 1024 * 1024

/** The server gives the slot to others when it has heard nothing for so long. */
const timeoutSeconds = 60
const statusSeconds = 5

/** Another process reads from the slot. */
const slotInUse = "another process has the replication slot"

export const open = (options: {
  readonly url: Redacted.Redacted
  readonly applicationName: string
  readonly slot: string
  readonly publication: string
  /** What was confirmed before. */
  readonly from: bigint
}): Effect.Effect<Stream, Fault.Unavailable, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const ended = yield* Deferred.make<never, Fault.Unavailable>()
    const started = yield* Deferred.make<void, Fault.Unavailable>()
    const arrived = yield* Queue.sliding<void>(1)
    const end = (error: Error) => {
      const failure = Effect.fail(new Fault.Unavailable({ dependency: "postgres", reason: reasonOf(error) }))
      Deferred.doneUnsafe(started, failure)
      Deferred.doneUnsafe(ended, failure)
    }

    const plugin = new Plugin(options.publication)
    // It would confirm what was merely received, so it may confirm nothing by itself.
    const service = new LogicalReplicationService({
      connectionString: Redacted.value(options.url),
      application_name: options.applicationName,
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      options: settings
    }, { acknowledge: { auto: false, timeoutSeconds: 0 } })

    let items: Array<Item> = []
    let bytes = 0
    const add = (item: Item) => {
      items.push(item)
      bytes += plugin.size
      if (items.length >= mostMessages || bytes >= mostBytes) plugin.socket()?.pause()
      Queue.offerUnsafe(arrived, undefined)
    }
    service.on("data", (lsn, message: Pgoutput.Message) => add({ _tag: "Message", lsn: parse(lsn), message }))
    service.on("heartbeat", (lsn) => {
      plugin.size = 0
      if (items.at(-1)?._tag === "Nothing") items.pop()
      add({ _tag: "Nothing", lsn: parse(lsn) })
    })
    service.on("error", end)
    service.on("start", () => {
      Deferred.doneUnsafe(started, Effect.void)
    })
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        void service.subscribe(plugin, options.slot).then(
          () => end(new Error("the server ended the replication")),
          (cause: unknown) => end(cause instanceof Error ? cause : new Error("the replication failed"))
        )
      }),
      () =>
        Effect.sync(() => {
          // A farewell would wait for a server that may be gone.
          plugin.socket()?.destroy()
          void service.destroy().catch(() => undefined)
        })
    )
    yield* Effect.timeoutOrElse(Deferred.await(started), {
      duration: "10 seconds",
      orElse: () => Effect.fail(new Fault.Unavailable({ dependency: "postgres", reason: "it starts no replication" }))
    })

    let confirmed = options.from
    const moment = () => [clock.monotonicTimeNanosUnsafe(), clock.currentTimeNanosUnsafe()] as const
    let said = moment()
    // Its `acknowledge` adds one, as if told the last byte rather than the next.
    const isOurs = () =>
      !Deferred.isDoneUnsafe(ended) &&
      moment().every((now, at) => now - (said[at] ?? 0n) < BigInt(timeoutSeconds / 2) * 1_000_000_000n)
    const say = Effect.promise(async () => {
      // Whoever was stopped for so long has lost the slot, even if he has not been told yet.
      if (!isOurs()) return end(new Error("it was out of touch for too long"))
      const before = moment()
      if (await service.acknowledge(format(confirmed - 1n))) said = before
    })
    yield* Effect.forkScoped(Effect.forever(Effect.delay(say, `${statusSeconds} seconds`)))

    const taken = Effect.sync(() => {
      const all = items
      items = []
      bytes = 0
      plugin.socket()?.resume()
      return all
    })
    return {
      take: Effect.raceFirst(
        Effect.repeat(Effect.andThen(Queue.take(arrived), taken), { until: (all) => all.length > 0 }),
        Deferred.await(ended)
      ),
      confirm: (lsn) =>
        Effect.suspend(() => {
          if (lsn <= confirmed) return Effect.void
          confirmed = lsn
          return say
        }),
      isOurs
    }
  })

/** How values are written, whatever the server's defaults. */
const settings = [
  "datestyle=ISO",
  "timezone=UTC",
  "intervalstyle=postgres",
  "bytea_output=hex",
  "extra_float_digits=1",
  "statement_timeout=0",
  `wal_sender_timeout=${timeoutSeconds}s`
].map((setting) => `-c ${setting}`).join(" ")

/** Leaves values as the server wrote them, notes how large each message was, and where its connection is. */
class Plugin extends PgoutputPlugin {
  size = 0
  #client: object | undefined

  constructor(publication: string) {
    super({ protoVersion: 1, publicationNames: [publication] })
  }

  /** The client keeps its socket where its types do not say. */
  socket(): Socket | undefined {
    return (this.#client as { readonly connection?: { readonly stream?: Socket } } | undefined)?.connection?.stream
  }

  override start(...[client, slot]: Parameters<PgoutputPlugin["start"]>): Promise<unknown> {
    this.#client = client
    // From where the slot stands: what was received but not confirmed is to come again.
    return client.query(
      `START_REPLICATION SLOT "${slot}" LOGICAL 0/0 (proto_version '1', publication_names '${this.options.publicationNames.join()}')`
    )
  }

  override parse(buffer: Buffer): Pgoutput.Message {
    this.size = buffer.length
    const message = super.parse(buffer)
    if (message.tag === "relation") { for (const column of message.columns) column.parser = asText }
    return message
  }
}

const asText = (text: string): string => text

const reasonOf = (error: Error): string =>
  "code" in error && error.code === "55006" ? slotInUse : error.message.split("\n")[0] ?? ""

/** `16/B374D848` as a number, and back. */
export const parse = (lsn: string): bigint => {
  const [high = "0", low = "0"] = lsn.split("/")
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

const format = (lsn: bigint): string => `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`
