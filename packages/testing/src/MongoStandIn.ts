/**
 * A stand-in for MongoDB on its wire protocol: real sockets, so that the official driver runs against it unchanged.
 * For tests and for trying things out, never for production: everything is in memory and nothing is protected.
 *
 * Modelled: the handshake of a one-node replica set, insert, update (operators, pipelines, replacements, upserts),
 * delete, find with sort, projection and cursors, count, distinct, aggregate, findAndModify, the bulk write command of
 * 8.0, unique, sparse and partial indexes with their duplicate key errors, sessions, retryable writes that are
 * answered once, and the `failCommand` fail point. 64-bit integers are kept, compared and sorted exactly; texts are
 * compared by code point; values of different kinds are sorted in MongoDB's order, null and missing alike.
 *
 * Not modelled: authentication and TLS, transactions, change streams, `$out` and `$merge`, deletion by TTL indexes
 * (they are declared and listed), collations, text and geo search, explain, hints (accepted, without meaning), NaN, the
 * difference between 32-bit integers and doubles, `$inc` and aggregation arithmetic on 64-bit integers, `$type` of
 * 64-bit integers and of elements of arrays, read and write concerns (accepted, without meaning), races (one operation
 * after the other, so upserts of one id never meet), and the speed of a real server: a query scans the collection unless
 * it names ids, or wants one of some texts at a path of a declared index.
 */
import type { AddressInfo, Socket } from "node:net"
import { createServer } from "node:net"
import { setName, version as claimedVersion } from "./internal/mongo/administration.ts"
import { dispatch } from "./internal/mongo/dispatch.ts"
import { State } from "./internal/mongo/state.ts"
import { Framer, parse } from "./internal/mongo/wire.ts"

/** A running stand-in. */
export interface MongoStandIn extends AsyncDisposable {
  readonly url: string
  readonly close: () => Promise<void>
}

/** The version of MongoDB it claims to be. */
export const version = claimedVersion

/** Starts an empty one on the loopback interface; port 0 is any free port. */
export const start = async (port = 0): Promise<MongoStandIn> => {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    const framer = new Framer()
    socket.on("close", () => sockets.delete(socket))
    socket.on("error", () => socket.destroy())
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const message of framer.push(chunk)) serve(state, socket, message)
      } catch {
        // Not this protocol: hang up, as a server does.
        socket.destroy()
      }
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", resolve)
  })
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const state = new State(address)
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    url: `mongodb://${address}/?replicaSet=${setName}&directConnection=true`,
    close,
    [Symbol.asyncDispose]: close
  }
}

const serve = (state: State, socket: Socket, message: Buffer): void => {
  const { command, frame } = parse(message)
  const reply = dispatch(state, command)
  if (reply === undefined) return void socket.destroy()
  const bytes = frame(reply)
  if (bytes !== undefined) socket.write(bytes)
}
