import { NatsBus } from "@kanau/nats"
import { BusConformance, FaultProxy, Servers } from "@kanau/testing"
import { jetstreamManager, StorageType } from "@nats-io/jetstream"
import { connect, headers as makeHeaders } from "@nats-io/transport-node"
import { Redacted } from "effect"

const place = await Servers.natsPrefix()
const prefixOf = (room: string) => `${place.name}.${room}`
const layer = (room: string, url = place.url) => NatsBus.layer({ url: Redacted.make(url), prefix: prefixOf(room) })

/** The name of a queue's stream. */
const streamOf = (room: string, queue: string) => (prefixOf(room) + queue).replaceAll(".", "=2E")

BusConformance.suite("NATS bus", layer, {
  connection: async (room) => {
    const proxy = await FaultProxy.inFrontOf(place.url)
    return {
      layer: layer(room, proxy.url),
      cut: () => proxy.set({ down: true }),
      restore: () => proxy.set({}),
      close: proxy.close
    }
  },
  stranger: async (room, queue, data, headers) => {
    const connection = await connect({ servers: new URL(place.url).host })
    const made = makeHeaders()
    for (const [name, value] of Object.entries(headers)) made.set(name, value)
    await connection.request(`kanau.queue.${streamOf(room, queue)}`, data, { headers: made, timeout: 5000 })
    await connection.close()
  },
  inspect: async (room, queue) => {
    const connection = await connect({ servers: new URL(place.url).host })
    const manager = await jetstreamManager(connection)
    const { config, state } = await manager.streams.info(streamOf(room, queue))
    await connection.close()
    return { durableQueue: config.storage === StorageType.File, persistentMessage: state.messages === 1 }
  },
  restartBroker: { skip: "the broker is shared with other test files; Faults.test.ts kills one of its own" }
})
