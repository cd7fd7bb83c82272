/**
 * A TCP proxy that misbehaves on demand: put it between a client and a server to test what happens when the network,
 * or the server, is slow, silent or gone. Deterministic: the same toxics do the same to the same bytes.
 *
 * It knows nothing of the protocol above TCP, and listens on the loopback interface only.
 */
import type { Scope } from "effect"
import { Effect } from "effect"
import type { AddressInfo, Socket } from "node:net"
import { connect, createServer } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

/** What the proxy does to the bytes that pass. */
export interface Toxics {
  /** Reset new connections at once. */
  readonly down?: boolean
  /** Accept connections and forward nothing, as a hung peer does. */
  readonly blackhole?: boolean
  /** Hold every piece of data back for this long, in each direction. */
  readonly latencyMillis?: number
  /** Bytes per second, in each direction. */
  readonly bandwidth?: number
  /** Reset a connection once this many bytes have come back from the server. */
  readonly resetAfterBytes?: number
  /** Pass data on in pieces of this size, to exercise framing. */
  readonly sliceBytes?: number
}

/** A running proxy. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** Replaces the toxics; `down` also resets the open connections. */
  readonly set: (toxics: Toxics) => void
  /** Resets every open connection, and accepts new ones. */
  readonly reset: () => void
  readonly close: () => Promise<void>
}

/** Starts a proxy, without toxics, in front of a server. */
export const start = async (upstream: { readonly host: string; readonly port: number }): Promise<FaultProxy> => {
  let toxics: Toxics = {}
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (toxics.down === true) return client.resetAndDestroy()
    const backend = connect({ ...upstream, allowHalfOpen: true })
    open.add(client).add(backend)
    const end = () => {
      for (const socket of [client, backend]) {
        open.delete(socket)
        socket.destroy()
      }
    }
    client.on("error", end)
    backend.on("error", end)
    const pump = async (from: Socket, to: Socket, isAnswer: boolean): Promise<void> => {
      let forwarded = 0
      // The iterator must not destroy a socket that has only finished sending.
      for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        while (toxics.blackhole === true) await sleep(5)
        if (toxics.latencyMillis !== undefined) await sleep(toxics.latencyMillis)
        for (const piece of pieces(chunk, toxics)) {
          if (toxics.bandwidth !== undefined) await sleep((piece.length / toxics.bandwidth) * 1000)
          forwarded += piece.length
          if (isAnswer && forwarded > (toxics.resetAfterBytes ?? Infinity)) return resetAll([client, backend])
          if (!to.write(piece)) await new Promise((resolve) => to.once("drain", resolve).once("close", resolve))
        }
      }
      to.end()
    }
    Promise.all([pump(client, backend, false), pump(backend, client, true)]).then(end, end)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))

  const reset = () => resetAll(open)
  const close = async () => {
    toxics = {}
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      toxics = next
      if (next.down === true) reset()
    },
    reset,
    close,
    [Symbol.asyncDispose]: close
  }
}

/** A proxy that stands in front of the server of a URL. */
export interface InFront extends FaultProxy {
  /** The same URL, through the proxy. */
  readonly url: string
}

/** Starts a proxy in front of the server of this URL. */
export const inFrontOf = async (url: string): Promise<InFront> => {
  const through = new URL(url)
  const port = Number(through.port || usualPorts[through.protocol])
  const proxy = await start({ host: through.hostname, port })
  through.hostname = "127.0.0.1"
  through.port = String(proxy.port)
  return { ...proxy, url: through.href }
}

/** The same until the scope closes. */
export const scoped = (url: string): Effect.Effect<InFront, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.promise(() => inFrontOf(url)), ({ close }) => Effect.promise(close))

/** Of URLs that name none. */
const usualPorts: Readonly<Record<string, number>> = {
  "postgres:": 5432,
  "postgresql:": 5432,
  "amqp:": 5672,
  "nats:": 4222,
  "redis:": 6379,
  "mysql:": 3306,
  "mongodb:": 27_017,
  "http:": 80
}

const resetAll = (sockets: Iterable<Socket>): void => {
  for (const socket of sockets) socket.resetAndDestroy()
}

const pieces = (chunk: Buffer, toxics: Toxics): ReadonlyArray<Buffer> => {
  // With a bandwidth, fifty pieces a second keep the flow smooth.
  const size = toxics.sliceBytes ??
    (toxics.bandwidth === undefined ? chunk.length : Math.max(1, Math.ceil(toxics.bandwidth / 50)))
  const cut: Array<Buffer> = []
  for (let at = 0; at < chunk.length; at += size) cut.push(chunk.subarray(at, at + size))
  return cut
}
