import { MongoClient } from "mongodb"
import * as MongoStandIn from "../../MongoStandIn.ts"
import type { Compose } from "./docker.ts"
import type { Running, Via } from "./server.ts"
import { withPath } from "./server.ts"

/** MongoDB: every room is a database. */
export const startMongodb = async (docker: Compose | undefined): Promise<Running> => {
  const url = process.env["MONGODB_URL"]
  if (url) return running(url, "environment", async () => undefined)
  if (docker) {
    return running(`mongodb://127.0.0.1:${await docker.up("mongodb", 27_017)}/`, "docker", docker.down)
  }
  const standIn = await MongoStandIn.start()
  return running(standIn.url, "stand-in", standIn.close)
}

const running = async (url: string, via: Via, stop: () => Promise<void>): Promise<Running> => {
  const client = await MongoClient.connect(url, { serverSelectionTimeoutMS: 10_000 })
  const { version } = await client.db("admin").command({ buildInfo: 1 })
  return {
    url,
    via,
    version: String(version),
    openRoom: async (name) => ({ name, url: withPath(url, name) }),
    closeRoom: async (name) => {
      await client.db(name).dropDatabase()
    },
    stop: async () => {
      await client.close()
      await stop()
    }
  }
}
