/**
 * The servers of `Servers`, for a program that is no test file: a benchmark, a rehearsal, a development run. Servers
 * start when they are first asked for and stop with {@link Rooms.stop}.
 */
import type { Kind, Room, RoomReply, Server } from "./internal/servers/server.ts"
import { supervise } from "./internal/servers/supervisor.ts"

export interface Rooms {
  /** A new, empty database, virtual host, key prefix; throws when the server cannot be had, saying what to do. */
  readonly open: (kind: Kind) => Promise<Room & { readonly server: Server }>
  readonly stop: () => Promise<void>
}

/** `root` is the folder of `docker-compose.yml`. */
export const start = async (root: string): Promise<Rooms> => {
  const supervisor = await supervise({ root })
  return {
    open: async (kind) => {
      const response = await fetch(supervisor.url, { method: "POST", body: JSON.stringify({ kind, file: "" }) })
      if (!response.ok) throw new Error(`A server could not be started: ${await response.text()}`)
      const reply = await response.json() as RoomReply
      if ("missing" in reply) throw new Error(reply.missing)
      return { ...reply.room, server: reply.server }
    },
    stop: supervisor.stop
  }
}
