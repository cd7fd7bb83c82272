/** The folder that holds everything a standalone system knows. */
import { Fault } from "@kanau/core"
import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"

export interface DataFolder {
  /** Absolute. */
  readonly folder: string
  /** The bearer token of the mutation API, made at the first start. */
  readonly token: string
}

/** Opens the folder, creating it if need be; with `reset`, empties it first. */
export const openDataFolder = (options: {
  readonly folder: string
  readonly reset: boolean
}): Effect.Effect<DataFolder, Fault.Unavailable> =>
  Effect.try({
    try: () => {
      const folder = path.resolve(options.folder)
      if (options.reset) fs.rmSync(folder, { recursive: true, force: true })
      fs.mkdirSync(folder, { recursive: true })
      const file = path.join(folder, "api-token")
      if (!fs.existsSync(file)) fs.writeFileSync(file, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 })
      return { folder, token: fs.readFileSync(file, "utf8").trim() }
    },
    catch: (cause) =>
      new Fault.Unavailable({
        dependency: options.folder,
        reason: `${cause instanceof Error ? cause.message : String(cause)}; choose another DATA_FOLDER`
      })
  })
