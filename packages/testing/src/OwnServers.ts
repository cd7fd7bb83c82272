/**
 * Servers of a suite's own, for what cannot be done to a shared one: crash it, start it again on the same data, fill its
 * disk. They come from Debian packages, as the servers of `Servers` do where there is nothing else; the packages are
 * installed when this runs as root.
 *
 * Not for more than one test file at a time: a broker takes seconds to start, and a hundred megabytes.
 */
import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { prepareNats } from "./internal/servers/nats.ts"
import { preparePostgres } from "./internal/servers/postgres.ts"
import { asUser, type Child, isRoot, run } from "./internal/servers/processes.ts"
import { prepareRabbitmq } from "./internal/servers/rabbitmq.ts"
import { prepareRedis } from "./internal/servers/redis.ts"
import type { Prepared } from "./internal/servers/server.ts"

/** A server that may be treated badly. */
export interface OwnServer {
  readonly url: string
  /** Ends it without warning. */
  readonly crash: () => Promise<void>
  /** Starts it again on the same data; completes when it answers. */
  readonly start: () => Promise<void>
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>
}

/** Why there can be none here, if so. */
export const missing: string | undefined = isRoot ? undefined : "starting servers of its own needs root"

const own = async ({ launch, url }: Prepared): Promise<OwnServer> => {
  let child: Child = await launch()
  return {
    url,
    crash: () => child.crash(),
    start: async () => {
      child = await launch()
    },
    stop: () => child.stop()
  }
}

/**
 * PostgreSQL; the URL leads to an empty database. What it commits survives a crash of the server, and of the machine only
 * when it is `durable`.
 */
export const postgres = async (options: { readonly durable?: boolean } = {}): Promise<OwnServer> =>
  own(await preparePostgres(options))

/** PostgreSQL on a disk of so many megabytes, which can be filled. Needs the right to mount. */
export const postgresOnSmallDisk = async (
  megabytes: number
): Promise<OwnServer & { readonly fill: () => Promise<void>; readonly free: () => Promise<void> }> => {
  const disk = await mkdtemp(join(tmpdir(), "kanau-disk-"))
  await run({ command: "mount", args: ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0777`, "tmpfs", disk] })
  const home = join(disk, "postgres")
  await run(asUser("postgres", { command: "mkdir", args: [home] }))
  const server = await own(await preparePostgres({ folder: home }))
  const ballast = join(disk, "ballast")
  return {
    ...server,
    // Until the disk is full, which is what it complains about.
    fill: () =>
      run({ command: "sh", args: ["-c", `cat /dev/zero > ${ballast} 2>/dev/null || true`] }).then(() => undefined),
    free: () => run({ command: "rm", args: ["-f", ballast] }).then(() => undefined),
    stop: async () => {
      await server.stop()
      await run({ command: "umount", args: ["-l", disk] })
    }
  }
}

/** NATS with JetStream; `more` is added to its configuration. */
export const nats = async (more?: string): Promise<OwnServer> => own(await prepareNats(more))

/** Redis; what it was told is on its disk within a second. */
export const redis = async (): Promise<OwnServer> =>
  own(await prepareRedis(["--appendonly", "yes", "--appendfsync", "everysec"]))

/** RabbitMQ; `control` is its `rabbitmqctl`. */
export const rabbitmq = async (): Promise<
  OwnServer & { readonly control: (...args: ReadonlyArray<string>) => Promise<string> }
> => {
  const prepared = await prepareRabbitmq()
  return { ...(await own(prepared)), control: prepared.control }
}
