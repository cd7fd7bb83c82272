/** A small system on servers of its own: PostgreSQL, a broker, and a process for each role, all of which may break. */
import { Bus } from "@kanau/messaging"
import { Migrations } from "@kanau/postgres"
import * as FaultProxy from "@kanau/testing/FaultProxy"
import * as OwnServers from "@kanau/testing/OwnServers"
import { jetstreamManager } from "@nats-io/jetstream"
import { connect, nanos } from "@nats-io/transport-node"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { type ChildProcess, spawn } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { busAt, databaseAt } from "./connections.ts"
import { consumer, tables } from "./work.ts"

/** With `postgres` the messages lie in the database. */
export type Broker = "rabbitmq" | "nats" | "postgres"
export type Role = "relay" | "consumer" | "scheduler"
export const roles: ReadonlyArray<Role> = ["relay", "consumer", "scheduler"]

/** A process that is started again when it has been killed. */
export interface Actor {
  readonly kill: () => Promise<void>
  readonly signal: (signal: NodeJS.Signals) => void
  /** Sets its wall clock forward or back. */
  readonly setClock: (offsetMillis: number) => void
  readonly end: () => Promise<void>
}

export interface World {
  readonly broker: Broker
  readonly postgres: OwnServers.OwnServer & {
    readonly fill: () => Promise<void>
    readonly free: () => Promise<void>
  }
  readonly bus: OwnServers.OwnServer
  /** `rabbitmqctl`; nothing on others. */
  readonly control: ((...args: ReadonlyArray<string>) => Promise<string>) | undefined
  /** Between the processes and their servers. */
  readonly wires: { readonly postgres: FaultProxy.FaultProxy; readonly bus: FaultProxy.FaultProxy }
  readonly actors: Readonly<Record<Role, Actor>>
  /** The way of a bystander to database and bus, past the wires. */
  readonly bystander: Layer.Layer<Bus.Bus | Layer.Success<ReturnType<typeof databaseAt>>, unknown>
}

/** Starts everything; it ends with the scope. */
export const make = (broker: Broker) =>
  Effect.gen(function*() {
    const [postgres, own] = yield* Effect.all([
      owned(() => OwnServers.postgresOnSmallDisk(600)),
      broker === "rabbitmq"
        ? owned(OwnServers.rabbitmq)
        : broker === "nats"
        ? Effect.map(owned(OwnServers.nats), (server) => ({ ...server, control: undefined }))
        : Effect.undefined
    ], { concurrency: 2 })
    const bus = own ?? { ...postgres, control: undefined }
    const wires = { postgres: yield* wire(postgres.url), bus: yield* wire(bus.url) }
    const bystander = Layer.merge(databaseAt(postgres.url, "bystander"), busAt(bus.url))
    yield* Effect.gen(function*() {
      yield* Migrations.run(Migrations.kanau)
      yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(tables))
      yield* Effect.flatMap(Bus.Bus, (bus) => bus.declare(consumer.queue))
      // RabbitMQ 3.10 writes its list of queues with half a second's delay; a crash before that loses an empty queue.
      yield* Effect.sleep(broker === "rabbitmq" ? "2 seconds" : 0)
      if (broker === "nats") yield* promptly(bus.url)
    }).pipe(Effect.provide(bystander))
    const environment = {
      DATABASE_URL: through(postgres.url, wires.postgres.port),
      BUS_URL: through(bus.url, wires.bus.port)
    }
    const actor = (role: Role) =>
      Effect.acquireRelease(Effect.promise(() => act(role, environment)), ({ end }) => Effect.promise(end))
    const [relay, consuming, scheduler] = yield* Effect.all([actor("relay"), actor("consumer"), actor("scheduler")], {
      concurrency: 3
    })
    const world: World = {
      broker,
      postgres,
      bus,
      control: bus.control,
      wires,
      actors: { relay, consumer: consuming, scheduler },
      bystander
    }
    return world
  })

const owned = <A extends OwnServers.OwnServer>(start: () => Promise<A>) =>
  Effect.acquireRelease(Effect.promise(() => start()), ({ stop }) => Effect.promise(stop))

const wire = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(() => FaultProxy.start({ host: "127.0.0.1", port: Number(new URL(url).port) })),
    ({ close }) => Effect.promise(close)
  )

/** What was on its way to a consumer that died comes again soon, as an operator may set it: a round waits for it. */
const promptly = (url: string) =>
  Effect.promise(async () => {
    const connection = await connect({ servers: new URL(url).host })
    try {
      const { consumers, streams } = await jetstreamManager(connection)
      for await (const { config: { name: stream } } of streams.list()) {
        for await (const { name } of consumers.list(stream)) {
          await consumers.update(stream, name, { ack_wait: nanos(2000) })
        }
      }
    } finally {
      await connection.close()
    }
  })

const through = (url: string, port: number): string => {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.href
}

const main = fileURLToPath(new URL("child.ts", import.meta.url))

const act = async (role: Role, environment: Readonly<Record<string, string>>): Promise<Actor> => {
  let child: ChildProcess
  let ended: Promise<void>
  const launch = () =>
    new Promise<void>((resolve) => {
      child = spawn(process.execPath, ["--conditions=@kanau/source", main, role], {
        // Started some dozens of times: what was compiled once need not be again.
        env: { NODE_COMPILE_CACHE: join(tmpdir(), "kanau-compile-cache"), ...process.env, ...environment },
        stdio: ["pipe", "pipe", "inherit"]
      })
      ended = new Promise((done) => child.once("exit", () => done()))
      child.stdout?.once("data", () => resolve())
      if (process.env["CHAOS_LOG"] !== undefined) child.stdout?.pipe(process.stderr)
      else child.stdout?.resume()
    })
  await launch()
  return {
    kill: async () => {
      child.kill("SIGKILL")
      await ended
      await launch()
    },
    signal: (signal) => void child.kill(signal),
    setClock: (offset) => void child.stdin?.write(`${offset}\n`),
    end: async () => {
      child.kill("SIGKILL")
      await ended
    }
  }
}
