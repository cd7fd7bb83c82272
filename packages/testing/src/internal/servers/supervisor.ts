/**
 * Runs in vitest's main process: starts each server when a file first asks for it, once per run, and hands out rooms.
 * Workers ask over HTTP on the loopback interface.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import type { IncomingMessage } from "node:http"
import { createServer } from "node:http"
import { dirname } from "node:path"
import { compose } from "./docker.ts"
import { startMariadb } from "./mariadb.ts"
import { startMeilisearch } from "./meilisearch.ts"
import { startMongodb } from "./mongodb.ts"
import { startNats } from "./nats.ts"
import { startPostgres } from "./postgres.ts"
import { startRabbitmq } from "./rabbitmq.ts"
import { startRedis } from "./redis.ts"
import type { Kind, OpenRequest, RoomReply, RoomRequest, Running, Server } from "./server.ts"
import { ServerMissing, uniqueName } from "./server.ts"

/** Which file used which server; the reporter prints it. */
interface Use extends Server {
  readonly kind: Kind
  readonly file: string
}

export interface Supervisor {
  readonly url: string
  /** Starts every server at once, so that no test pays for it. */
  readonly startAll: () => Promise<void>
  readonly stop: () => Promise<void>
}

const starters = {
  postgres: startPostgres,
  rabbitmq: startRabbitmq,
  nats: startNats,
  redis: startRedis,
  mongodb: startMongodb,
  meilisearch: startMeilisearch,
  mariadb: startMariadb
} satisfies Record<Kind, unknown>

export const supervise = async (options: { readonly root: string; readonly record?: string }): Promise<Supervisor> => {
  const servers = new Map<Kind, Promise<Running>>()
  const rooms = new Map<string, Running>()
  const uses: Array<Use> = []
  let docker: ReturnType<typeof compose> | undefined

  const server = (kind: Kind): Promise<Running> => {
    let started = servers.get(kind)
    if (started === undefined) {
      docker ??= compose(options.root)
      started = docker.then(starters[kind])
      servers.set(kind, started)
    }
    return started
  }

  const open = async ({ kind, file }: OpenRequest): Promise<RoomReply> => {
    try {
      const running = await server(kind)
      const room = await running.openRoom(uniqueName())
      rooms.set(room.name, running)
      const { url, version, via } = running
      uses.push({ kind, file, url, version, via })
      writeRecord(options.record, uses)
      return { server: { url, version, via }, room }
    } catch (error) {
      if (error instanceof ServerMissing) return { missing: error.message }
      throw error
    }
  }

  const close = async (name: string): Promise<void> => {
    const running = rooms.get(name)
    rooms.delete(name)
    await running?.closeRoom(name)
  }

  writeRecord(options.record, uses)
  const control = createServer((request, response) => {
    body(request).then((text): Promise<RoomReply | void> => {
      const asked = JSON.parse(text) as RoomRequest
      return "close" in asked ? close(asked.close) : open(asked)
    }).then(
      (reply) => response.end(JSON.stringify(reply ?? {})),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error))
    )
  })
  // Starting a server may take minutes on a machine that has to install it.
  control.requestTimeout = 0
  // A test that blocks its process for long would not notice that its idle connection was closed.
  control.keepAliveTimeout = 0
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve))
  const address = control.address()
  const port = typeof address === "object" && address !== null ? address.port : 0

  return {
    url: `http://127.0.0.1:${port}`,
    startAll: async () => {
      await Promise.allSettled((Object.keys(starters) as Array<Kind>).map(server))
    },
    stop: async () => {
      control.closeAllConnections()
      control.close()
      // Rooms of files that broke off: a server from the environment keeps running and must not keep them.
      const left = [...rooms].filter(([, { via }]) => via === "environment")
      await Promise.allSettled(left.map(([name]) => close(name)))
      for (const started of await Promise.allSettled(servers.values())) {
        if (started.status === "fulfilled") await started.value.stop()
      }
    }
  }
}

const writeRecord = (path: string | undefined, uses: ReadonlyArray<Use>): void => {
  if (path === undefined) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(uses, null, 2))
}

const body = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk)
  return text
}
