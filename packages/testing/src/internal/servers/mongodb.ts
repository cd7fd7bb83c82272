import type { Compose } from "./docker.ts"
import type { Running } from "./server.ts"
import { ServerMissing } from "./server.ts"

/** MongoDB: every room is a database. */
export const startMongodb = async (docker: Compose | undefined): Promise<Running> => {
  throw new ServerMissing(`MongoDB${docker === undefined ? "" : " "} is not there yet. Set MONGODB_URL.`)
}
