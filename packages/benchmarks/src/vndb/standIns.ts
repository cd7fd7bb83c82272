/** Stand-ins as processes of their own, with room for whole databases, where no real servers are named. */
import { type Child, start } from "../child.ts"

const modules = {
  MONGODB_URL: "@kanau/testing/mongoStandInMain",
  MEILISEARCH_URL: "@kanau/testing/meiliStandInMain"
} as const

/** Starts them; rooms that are opened until they are stopped are theirs. */
export const standIns = async (): Promise<{ readonly stop: () => Promise<void> }> => {
  const started: Array<{ readonly variable: string; readonly child: Child }> = []
  for (const [variable, module] of Object.entries(modules)) {
    if (process.env[variable] !== undefined) continue
    const child = await start(new URL(import.meta.resolve(module)), { NODE_OPTIONS: "--max-old-space-size=12000" })
    process.env[variable] = child.address
    started.push({ variable, child })
  }
  return {
    stop: async () => {
      for (const { child, variable } of started) {
        delete process.env[variable]
        await child.stop()
      }
    }
  }
}
