/** Starts the roles of Nova VNDB as the processes they are in production, on real servers. */
import { MongoViewStore } from "@kanau/mongodb"
import { BulkCopy, Database, Migrations, Outbox } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { FaultProxy, Servers } from "@kanau/testing"
import { Diff, Rebuild } from "@kanau/views"
import { Community, ImportService, Views, Wiki } from "@kanau/vndb"
import { Effect, Layer, Redacted } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"

export type RoleName =
  | "user-request-handler"
  | "api-gateway"
  | "event-handler"
  | "view-manager"
  | "scheduler"
  | "event-bridge"

type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly message: string }

/** A running role. */
export interface Role {
  readonly name: RoleName
  readonly pid: number | undefined
  /** Address of its HTTP API; empty for roles without one. */
  readonly url: string
  readonly health: string
  readonly log: ReadonlyArray<LogLine>
  readonly signal: (signal: NodeJS.Signals) => void
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

/** Where the roles find their servers. */
export type Environment = Readonly<
  Record<
    | "DATABASE_URL"
    | "AMQP_URL"
    | "REDIS_URL"
    | "MONGODB_URL"
    | "MONGODB_DATABASE"
    | "MEILISEARCH_URL"
    | "MEILISEARCH_PREFIX",
    string
  >
>

export const token = "e2e-token-0123456789"

/** Empty rooms on every server, for one test file. */
export const rooms = async (): Promise<Environment> => {
  const [postgres, rabbitmq, redis, mongodb, meilisearch] = await Promise.all([
    Servers.postgresDatabase(),
    Servers.rabbitmqVhost(),
    Servers.redisPrefix(),
    Servers.mongoDatabase(),
    Servers.meilisearchPrefix()
  ])
  return {
    DATABASE_URL: postgres.url,
    AMQP_URL: rabbitmq.url,
    REDIS_URL: redis.url,
    MONGODB_URL: mongodb.url,
    MONGODB_DATABASE: mongodb.name,
    MEILISEARCH_URL: meilisearch.url,
    MEILISEARCH_PREFIX: meilisearch.name
  }
}

/** A server with a proxy in front, so that it can be gone for a while and keep its data. */
export interface Proxied {
  readonly url: string
  /** Resets every connection, and refuses new ones. */
  readonly cut: () => Promise<void>
  readonly mend: () => Promise<void>
}

export const behindProxy = async (url: string): Promise<Proxied> => {
  const proxy = await FaultProxy.inFrontOf(url)
  afterAll(proxy.close)
  return {
    url: proxy.url,
    cut: async () => proxy.set({ down: true }),
    mend: async () => proxy.set({})
  }
}

const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill("SIGKILL")
})

/** Starts a role and waits until it says it is ready. */
export const start = async (name: RoleName, environment: Readonly<Record<string, string>>): Promise<Role> => {
  const main = fileURLToPath(new URL(`../../apps/${name}/src/main.ts`, import.meta.url))
  const child = spawn(process.execPath, ["--conditions=@kanau/source", main], {
    env: {
      PATH: process.env["PATH"] ?? "",
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
      ...environment,
      API_TOKENS: `e2e:${token}`,
      HOST: "127.0.0.1",
      HEALTH_HOST: "127.0.0.1",
      PORT: "0",
      HEALTH_PORT: "0",
      LOG_LEVEL: "debug"
    },
    stdio: ["ignore", "pipe", "inherit"]
  })
  running.add(child)
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once("exit", (code, signal) => {
      running.delete(child)
      resolve(code ?? signal)
    })
  )
  const log: Array<LogLine> = []
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as LogLine
      log.push(line)
      if (line.message === `${name} is ready`) resolve()
    })
    void ended.then((code) =>
      reject(new Error(`${name} ended (${code}) before it was ready: ${JSON.stringify(log.at(-1))}`))
    )
  })
  await ready
  const portOf = (message: string) => log.find((line) => line.message === message)?.["port"]
  return {
    name,
    pid: child.pid,
    url: `http://127.0.0.1:${portOf("HTTP server listens")}`,
    health: `http://127.0.0.1:${portOf("Health server listens")}`,
    log,
    signal: (signal) => void child.kill(signal),
    ended
  }
}

/** Migrates and fills the database with the sample dump. */
export const importDump = (environment: Environment) =>
  Effect.gen(function*() {
    yield* Migrations.run(Migrations.kanau, Wiki.migrations)
    // Whoever holds the token of these tests may do everything.
    yield* Community.service.process(new Community.SetAttributes({ name: "e2e", administration: "admin" }))
    return yield* Wiki.withSampleDump((path) => ImportService.importDump({ path, onProgress: () => Effect.void }))
  }).pipe(
    Effect.provide(BulkCopy.layer({ url: Redacted.make(environment.DATABASE_URL), applicationName: "e2e" })),
    Effect.provide(database(environment)),
    Effect.runPromise
  )

/** The truth and the views of this system, for a test to compare. */
export const database = (environment: Environment) =>
  Layer.provideMerge(
    Outbox.layer({ source: "/test" }),
    Database.layer({ url: Redacted.make(environment.DATABASE_URL), applicationName: "e2e" })
  )

const views = (environment: Environment) =>
  MongoViewStore.layer({ url: Redacted.make(environment.MONGODB_URL), database: environment.MONGODB_DATABASE })

/** Changes something through the mutation API. */
export const mutate = async (
  handler: Role,
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {}
): Promise<Response> =>
  fetch(`${handler.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body)
  })

/**
 * Sets the one title of a visual novel; the causal token of the edit. Does as the answer says when it is "try again
 * later", for as long as a patient person would.
 */
export const retitle = async (handler: Role, id: string, title: string, headers?: Readonly<Record<string, string>>) => {
  const titles = [{ lang: "en", official: true, title, latin: null }]
  const edit = () => mutate(handler, "PATCH", `/v1/vn/${id}`, { olang: "en", titles }, headers)
  const deadline = performance.now() + 15_000
  let response = await edit()
  while (response.status === 503 && performance.now() < deadline) {
    await response.arrayBuffer()
    await new Promise((resolve) => setTimeout(resolve, 200))
    response = await edit()
  }
  if (response.status !== 200) {
    const warnings = handler.log.filter(({ level }) => level === "warn" || level === "error").slice(-3)
    throw new Error(
      `The edit of ${id} was answered ${response.status}: ${await response.text()}; ${JSON.stringify(warnings)}`
    )
  }
  await response.arrayBuffer()
  return response.headers.get("kanau-position") ?? ""
}

/** Waits, bounded, until something is so. */
export const eventually = async (what: string, holds: () => Promise<boolean>, limitMillis = 20_000): Promise<void> => {
  const deadline = performance.now() + limitMillis
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`After ${limitMillis} ms still not so: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Ids of the documents that differ from a full derivation of the truth. */
export const differing = (environment: Environment): Promise<ReadonlyArray<string>> =>
  Effect.forEach(Views.views, (view) => Diff.run(view)).pipe(
    Effect.map((reports) => reports.flatMap(({ differences }) => differences.map(({ id }) => id))),
    Effect.provide(Layer.merge(database(environment), views(environment))),
    Effect.runPromise
  )

/** Rebuilds a view as an operator does, and is interrupted when so many documents are done. */
export const rebuild = (environment: Environment, view: (typeof Wiki.views)[number], until = Infinity) =>
  Rebuild.run(view, {
    pageSize: 5,
    pages: 2,
    onProgress: ({ done }) => done >= until ? Effect.interrupt : Effect.void
  }).pipe(
    Effect.provide(
      Layer.mergeAll(
        database(environment),
        views(environment),
        RabbitBus.layer({ url: Redacted.make(environment.AMQP_URL) })
      )
    ),
    Effect.exit,
    Effect.runPromise
  )
