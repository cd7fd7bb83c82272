/** Roles of Nova VNDB as processes, on servers of their own. */
import type { Rooms } from "@kanau/testing"
import { type Child, start } from "./child.ts"

/** Empty rooms on every server, as the environment of roles that take free ports. */
export const environmentOf = async (rooms: Awaited<ReturnType<typeof Rooms.start>>) => {
  const [postgres, rabbitmq, redis, mongodb, meilisearch] = await Promise.all(
    (["postgres", "rabbitmq", "redis", "mongodb", "meilisearch"] as const).map(rooms.open)
  )
  return {
    DATABASE_URL: postgres?.url ?? "",
    AMQP_URL: rabbitmq?.url ?? "",
    REDIS_URL: redis?.url ?? "",
    MONGODB_URL: mongodb?.url ?? "",
    MONGODB_DATABASE: mongodb?.name ?? "",
    MEILISEARCH_URL: meilisearch?.url ?? "",
    MEILISEARCH_PREFIX: meilisearch?.name ?? "",
    HOST: "127.0.0.1",
    HEALTH_HOST: "127.0.0.1",
    PORT: "0",
    HEALTH_PORT: "0"
  }
}

/** Starts a role and waits until it is ready. */
export const startRole = (name: string, environment: Readonly<Record<string, string>>): Promise<Child> => {
  let port: unknown
  return start(new URL(`../../../apps/${name}/src/main.ts`, import.meta.url), environment, (line) => {
    const { message, port: found } = JSON.parse(line) as { readonly message: string; readonly port?: number }
    if (message === "HTTP server listens") port = found
    return message === `${name} is ready` ? `http://127.0.0.1:${String(port)}` : undefined
  })
}
