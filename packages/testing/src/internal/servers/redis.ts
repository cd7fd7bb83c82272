import { install } from "./apt.ts"
import type { Compose } from "./docker.ts"
import { ask, freePort, start, succeeds, temporaryFolder } from "./processes.ts"
import type { Prepared, Running, Via } from "./server.ts"

/** Redis: every room is a key prefix; keys expire or stay until the server stops. */
export const startRedis = async (docker: Compose | undefined): Promise<Running> => {
  const url = process.env["REDIS_URL"]
  if (url) return running(url, "environment", async () => undefined)
  if (docker) {
    return running(`redis://127.0.0.1:${await docker.up("redis", 6379)}`, "docker", docker.down)
  }
  const { launch, url: own } = await prepareRedis(["--appendonly", "no"])
  const server = await launch()
  return running(own, "apt", server.stop)
}

/** A server with a folder of its own, to be launched as often as it has crashed; it keeps what `durability` says. */
export const prepareRedis = async (durability: ReadonlyArray<string>): Promise<Prepared> => {
  if (!(await succeeds("redis-server", ["--version"]))) await install(["redis-server"], "REDIS_URL")
  const folder = await temporaryFolder("redis")
  const port = await freePort()
  const own = new URL(`redis://127.0.0.1:${port}`)
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...durability]
  return {
    url: own.href,
    launch: () =>
      start({ command: "redis-server", args }, {
        user: "redis",
        folder,
        stopSignal: "SIGTERM",
        isReady: async () => (await ask(own, 6379, "PING\r\n", isLine)).startsWith("+PONG"),
        withinMillis: 10_000
      })
  }
}

const isLine = (answer: string): boolean => answer.endsWith("\r\n")

const running = async (url: string, via: Via, stop: () => Promise<void>): Promise<Running> => ({
  url,
  via,
  version: await versionOf(new URL(url)),
  openRoom: async (name) => ({ name, url }),
  closeRoom: async () => undefined,
  stop
})

const versionOf = async (url: URL): Promise<string> => {
  if (url.protocol === "rediss:") return "(version not asked over TLS)"
  const login = url.password === ""
    ? ""
    : `AUTH ${decodeURIComponent(url.username) || "default"} ${decodeURIComponent(url.password)}\r\n`
  const answer = await ask(
    url,
    6379,
    `${login}INFO server\r\n`,
    (text) => text.includes("redis_version") || text.includes("-ERR") || text.includes("-NOAUTH")
  )
  return /redis_version:(\S+)/.exec(answer)?.[1] ?? "unknown"
}
