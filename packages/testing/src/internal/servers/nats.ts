import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { install } from "./apt.ts"
import type { Compose } from "./docker.ts"
import { ask, freePort, start, succeeds, temporaryFolder } from "./processes.ts"
import type { Prepared, Running, Via } from "./server.ts"

/** NATS with JetStream: every room is a name prefix; streams stay until the server stops. */
export const startNats = async (docker: Compose | undefined): Promise<Running> => {
  const url = process.env["NATS_URL"]
  if (url) return running(url, "environment", async () => undefined)
  if (docker) return running(`nats://127.0.0.1:${await docker.up("nats", 4222)}`, "docker", docker.down)
  const { launch, url: own } = await prepareNats()
  const server = await launch()
  return running(own, "apt", server.stop)
}

/** A server with a store of its own, to be launched as often as it has crashed. */
export const prepareNats = async (more = ""): Promise<Prepared> => {
  if (!(await succeeds("nats-server", ["--version"]))) await install(["nats-server"], "NATS_URL")
  const folder = await temporaryFolder("nats")
  const port = await freePort()
  const config = join(folder, "nats.conf")
  await writeFile(config, natsConfig(port, join(folder, "data")) + more)
  const own = new URL(`nats://127.0.0.1:${port}`)
  return {
    url: own.href,
    launch: () =>
      start({ command: "nats-server", args: ["-c", config] }, {
        user: "nats",
        folder,
        stopSignal: "SIGTERM",
        isReady: async () => /"jetstream":\s*true/.test(await greeting(own)),
        withinMillis: 10_000
      })
  }
}

/** The configuration of a server for tests: larger messages than the megabyte that is the default. */
const natsConfig = (port: number, data: string): string =>
  `listen: "127.0.0.1:${port}"\nmax_payload: 8388608\njetstream { store_dir: "${data}" }\n`

/** The first line a NATS server sends: what it is, as JSON. */
const greeting = (url: URL): Promise<string> => ask(url, 4222, "", (text) => text.includes("\r\n"))

const running = async (url: string, via: Via, stop: () => Promise<void>): Promise<Running> => ({
  url,
  via,
  version: /"version":\s*"([^"]+)"/.exec(await greeting(new URL(url)))?.[1] ?? "unknown",
  openRoom: async (name) => ({ name, url }),
  closeRoom: async () => undefined,
  stop
})
