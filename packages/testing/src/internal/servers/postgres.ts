import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted } from "effect"
import { Reactivity } from "effect/reactivity"
import type { SqlError } from "effect/sql"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { install } from "./apt.ts"
import type { Compose } from "./docker.ts"
import { asUser, freePort, run, start, succeeds, temporaryFolder } from "./processes.ts"
import type { Prepared, Running, Via } from "./server.ts"
import { withPath } from "./server.ts"

/** PostgreSQL: every room is a database. */
export const startPostgres = async (docker: Compose | undefined): Promise<Running> => {
  const url = process.env["DATABASE_URL"]
  if (url) return running(url, "environment", async () => undefined)
  if (docker) {
    const port = await docker.up("postgres", 5432)
    return running(`postgres://postgres:kanau@127.0.0.1:${port}/postgres`, "docker", docker.down)
  }
  return startPrivate()
}

const running = async (url: string, via: Via, stop: () => Promise<void>): Promise<Running> => {
  const [row] = await query(url, "select current_setting('server_version') as version")
  return {
    url,
    via,
    version: String(row?.["version"]).split(" ")[0] ?? "",
    openRoom: async (name) => {
      await query(url, `create database "${name}"`)
      return { name, url: withPath(url, name) }
    },
    closeRoom: async (name) => {
      await query(url, `drop database if exists "${name}" with (force)`)
    },
    stop
  }
}

const query = (url: string, sql: string): Promise<ReadonlyArray<Record<string, unknown>>> =>
  PgClient.makeClient({ url: Redacted.make(url) }).pipe(
    Effect.flatMap((client): Effect.Effect<ReadonlyArray<Record<string, unknown>>, SqlError.SqlError> =>
      client.unsafe(sql)
    ),
    Effect.scoped,
    Effect.provide(Reactivity.layer),
    Effect.runPromise
  )

const startPrivate = async (): Promise<Running> => {
  const { launch, url } = await preparePostgres()
  const server = await launch()
  return running(url, "apt", server.stop)
}

/** A cluster in a folder of its own, to be launched as often as it has crashed; `durable` ones sync every commit. */
export const preparePostgres = async (
  { durable = false, folder }: { readonly durable?: boolean; readonly folder?: string } = {}
): Promise<Prepared> => {
  if (binaries() === undefined) await install(["postgresql-15", "postgresql"], "DATABASE_URL")
  const bin = binaries()
  if (bin === undefined) throw new Error("postgresql is installed, but /usr/lib/postgresql holds no server")
  const home = folder ?? await temporaryFolder("postgres")
  const data = join(home, "data")
  await run(asUser("postgres", {
    command: join(bin, "initdb"),
    args: ["-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C"]
  }))
  const port = await freePort()
  const settings = [
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${home}`,
    "max_connections=500",
    ...(durable ? [] : ["fsync=off", "full_page_writes=off"]),
    "logging_collector=off",
    "wal_level=logical",
    "max_replication_slots=50",
    "max_wal_senders=50"
  ]
  const command = {
    command: join(bin, "postgres"),
    args: ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])]
  }
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    launch: () =>
      start(command, {
        // An immediate shutdown, as the data is thrown away; the next start recovers as from a crash.
        user: "postgres",
        folder: home,
        stopSignal: "SIGQUIT",
        crashSignal: "SIGQUIT",
        isReady: () =>
          succeeds(join(bin, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port), "-U", "postgres"]),
        withinMillis: 30_000
      })
  }
}

const debianFolder = "/usr/lib/postgresql"

/** Debian keeps one folder per major version; the newest wins. */
const binaries = (): string | undefined => {
  if (!existsSync(debianFolder)) return undefined
  const [newest] = readdirSync(debianFolder)
    .filter((version) => existsSync(join(debianFolder, version, "bin", "postgres")))
    .sort((a, b) => Number(b) - Number(a))
  return newest === undefined ? undefined : join(debianFolder, newest, "bin")
}
