/** A NATS server of a test file's own, to kill and start again. Needs the Debian package. */
import { connect } from "@nats-io/transport-node"
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
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

export const start = async (): Promise<OwnServer> => {
  const folder = await mkdtemp(join(tmpdir(), "kanau-own-nats-"))
  const port = await freePort()
  const config = join(folder, "nats.conf")
  await writeFile(
    config,
    `listen: "127.0.0.1:${port}"\nmax_payload: 8388608\njetstream { store_dir: "${join(folder, "data")}" }\n`
  )
  const servers = `127.0.0.1:${port}`

  const launch = async () => {
    const child = spawn("setpriv", ["--pdeathsig=SIGKILL", "--", server, "-c", config], { stdio: "ignore" })
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
    for (let tries = 0;; tries++) {
      const connection = await connect({ servers, reconnect: false, timeout: 1000 }).catch(() => undefined)
      if (connection !== undefined) {
        await connection.close()
        break
      }
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
    url: `nats://${servers}`,
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

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
