/**
 * Cuts connections whose client does not take what was sent. Looked for now and then instead of by a timer for each
 * connection, which would cost something at every request.
 */
import { Duration, Effect } from "effect"
import type { Server } from "node:http"
import type { Socket } from "node:net"

/** Runs until interrupted; `limit` is how long a client may take nothing, to a quarter of it. */
export const cut = (server: Server, limit: Duration.Input): Effect.Effect<never> =>
  Effect.suspend(() => {
    const sockets = new Set<Socket>()
    const stalled = new Map<Socket, { readonly taken: number; readonly looks: number }>()
    server.on("connection", (socket) => {
      sockets.add(socket)
      socket.once("close", () => {
        sockets.delete(socket)
        stalled.delete(socket)
      })
    })
    const look = Effect.sync(() => {
      for (const socket of sockets) {
        if (socket.writableLength === 0) {
          stalled.delete(socket)
          continue
        }
        const taken = socket.bytesWritten - socket.writableLength
        const before = stalled.get(socket)
        const looks = before?.taken === taken ? before.looks + 1 : 0
        if (looks >= 4) socket.destroy()
        else stalled.set(socket, { taken, looks })
      }
    })
    return Effect.forever(Effect.delay(look, Duration.toMillis(limit) / 4))
  })
