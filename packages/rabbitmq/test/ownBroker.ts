/** A RabbitMQ of this test file's own, to kill and start again. Needs the Debian package, and root to leave root. */
import { connect } from "amqplib"
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const server = "/usr/lib/rabbitmq/bin/rabbitmq-server"

/** Why there can be none here, if so. */
export const missing = !existsSync(server)
  ? "the Debian package rabbitmq-server is not installed"
  : process.getuid?.() !== 0
  ? "starting a broker of its own needs root"
  : undefined

export interface OwnBroker {
  readonly url: string
  /** Kills it without warning and starts it again on the same data. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

export const start = async (): Promise<OwnBroker> => {
  const folder = await mkdtemp(join(tmpdir(), "kanau-own-rabbitmq-"))
  const [port, distributionPort] = [await freePort(), await freePort()]
  const at = (name: string) => join(folder, name)
  await writeFile(at("plugins"), "[].")
  await writeFile(at("rabbitmq.conf"), `listeners.tcp.1 = 127.0.0.1:${port}\nlog.file.level = warning\n`)
  await chmod(folder, 0o777)
  const url = `amqp://guest:guest@127.0.0.1:${port}`

  const launch = async () => {
    const child = spawn("setpriv", [
      "--reuid=rabbitmq",
      "--regid=rabbitmq",
      "--init-groups",
      "--pdeathsig=SIGKILL",
      "--",
      server
    ], {
      stdio: "ignore",
      env: {
        ...process.env,
        HOME: folder,
        RABBITMQ_NODENAME: `kanau-own-${port}@localhost`,
        RABBITMQ_NODE_PORT: String(port),
        RABBITMQ_DIST_PORT: String(distributionPort),
        RABBITMQ_MNESIA_BASE: at("mnesia"),
        RABBITMQ_LOG_BASE: at("log"),
        RABBITMQ_ENABLED_PLUGINS_FILE: at("plugins"),
        RABBITMQ_CONFIG_FILE: at("rabbitmq"),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
        ERL_EPMD_ADDRESS: "127.0.0.1",
        // The start script becomes the server, so that its process is the one to kill.
        RUNNING_UNDER_SYSTEMD: "1"
      }
    })
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
    for (let tries = 0;; tries++) {
      const model = await connect(url, { timeout: 1000 }).catch(() => undefined)
      if (model !== undefined) {
        await model.close()
        break
      }
      if (tries > 600) throw new Error("The broker did not start within a minute")
      await sleep(100)
    }
    return async () => {
      child.kill("SIGKILL")
      await ended
    }
  }

  let kill = await launch()
  return {
    url,
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
