/** A NATS server of a test file's own, to kill and start again. Needs the Debian package. */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const server = "/usr/sbin/nats-server"

/** Why there can be none here, if so. */
export const missing = existsSync(server) ? undefined : "the Debian package nats-server is not installed"

export interface OwnServer {
  readonly url: string
  /** Kills it without warning and starts it again on the same data. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts one; `more` is added to its configuration. */
export const start = async (more = ""): Promise<OwnServer> => {
  const folder = await mkdtemp(join(tmpdir(), "kanau-own-nats-"))
  const port = await freePort()
  const config = join(folder, "nats.conf")
  await writeFile(
    config,
    `listen: "127.0.0.1:${port}"\nmax_payload: 8388608\njetstream { store_dir: "${join(folder, "data")}" }\n${more}`
  )

  const launch = async () => {
    const child = spawn("setpriv", ["--pdeathsig=SIGKILL", "--", server, "-c", config], { stdio: "ignore" })
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
    for (let tries = 0;; tries++) {
      if (await answers(port)) break
      if (tries > 200) throw new Error("The server did not start within ten seconds")
      await sleep(50)
    }
    return async () => {
      child.kill("SIGKILL")
      await ended
    }
  }

  let kill = await launch()
  return {
    url: `nats://127.0.0.1:${port}`,
    restart: async () => {
      await kill()
      kill = await launch()
    },
    stop: async () => {
      await kill()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

/** Whether the server says that it has JetStream, which is the first thing it says. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port })
    socket.once("data", (line) => {
      resolve(line.toString().includes("\"jetstream\":true"))
      socket.destroy()
    })
    socket.once("error", () => resolve(false))
    socket.once("close", () => resolve(false))
  })

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
