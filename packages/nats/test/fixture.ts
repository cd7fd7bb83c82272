/** What the tests of this package share. */
import type { JetStreamManager } from "@nats-io/jetstream"
import { jetstreamManager } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import { Effect } from "effect"

/** What an operator does, past the bus. */
export const operate = <A>(url: string, use: (manager: JetStreamManager) => Promise<A>): Effect.Effect<A> =>
  Effect.promise(async () => {
    const connection = await connect({ servers: new URL(url).host })
    try {
      return await use(await jetstreamManager(connection))
    } finally {
      await connection.close()
    }
  })
