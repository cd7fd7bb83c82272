import { Meilisearch } from "meilisearch"
import * as MeiliStandIn from "../../MeiliStandIn.ts"
import type { Compose } from "./docker.ts"
import type { Running, Via } from "./server.ts"

/** Meilisearch: every room is a prefix for the names of indexes. */
export const startMeilisearch = async (docker: Compose | undefined): Promise<Running> => {
  const url = process.env["MEILISEARCH_URL"]
  if (url) return running(url, "environment", async () => undefined)
  if (docker) {
    return running(`http://127.0.0.1:${await docker.up("meilisearch", 7700)}`, "docker", docker.down)
  }
  const standIn = await MeiliStandIn.start()
  return running(standIn.url, "stand-in", standIn.close)
}

const running = async (url: string, via: Via, stop: () => Promise<void>): Promise<Running> => {
  const apiKey = process.env["MEILISEARCH_KEY"]
  const client = new Meilisearch({ host: url, ...(apiKey === undefined ? {} : { apiKey }) })
  const { pkgVersion } = await client.getVersion()
  return {
    url,
    via,
    version: pkgVersion,
    openRoom: async (name) => ({ name, url }),
    closeRoom: async (name) => {
      const { results } = await client.getRawIndexes({ limit: 1000 })
      const ours = results.filter(({ uid }) => uid.startsWith(name))
      await Promise.all(ours.map(({ uid }) => client.deleteIndex(uid).waitTask()))
    },
    stop
  }
}
