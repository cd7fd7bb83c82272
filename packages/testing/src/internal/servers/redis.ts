import { install } from "./apt.ts"
import type { Compose } from "./docker.ts"
import { ask, freePort, start, succeeds, temporaryFolder } from "./processes.ts"
import type { Running, Via } from "./server.ts"

/** Redis: every room is a key prefix; keys expire or stay until the server stops. */
export const startRedis = async (docker: Compose | undefined): Promise<Running> => {
  const url = process.env["REDIS_URL"]
  if (url) return running(url, "environment", async () => undefined)
  if (docker) {
    return running(`redis://127.0.0.1:${await docker.up("redis", 6379)}`, "docker", docker.down)
  }
  if (!(await succeeds("redis-server", ["--version"]))) await install(["redis-server"], "REDIS_URL")
  const folder = await temporaryFolder("redis")
  const port = await freePort()
  const own = new URL(`redis://127.0.0.1:${port}`)
  const server = await start(
    {
      command: "redis-server",
      args: ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "no", "--save", ""]
    },
    {
      user: "redis",
      folder,
      stopSignal: "SIGTERM",
      isReady: async () => (await ask(own, 6379, "PING\r\n", isLine)).startsWith("+PONG"),
      withinMillis: 10_000
    }
  )
  return running(own.href, "apt", server.stop)
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
