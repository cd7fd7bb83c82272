import { chmod, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { install } from "./apt.ts"
import type { Compose } from "./docker.ts"
import type { Command } from "./processes.ts"
import { ask, asUser, freePort, run, start, succeeds, temporaryFolder } from "./processes.ts"
import type { Prepared, Running, Via } from "./server.ts"
import { uniqueName, withPath } from "./server.ts"

/** RabbitMQ: every room is a virtual host; on a server from the environment, a name prefix in the given one. */
export const startRabbitmq = async (docker: Compose | undefined): Promise<Running> => {
  const url = process.env["AMQP_URL"]
  if (url) {
    return {
      url,
      via: "environment",
      version: await versionOf(new URL(url)),
      openRoom: async (name) => ({ name, url }),
      closeRoom: async () => undefined,
      stop: async () => undefined
    }
  }
  if (docker) {
    const port = await docker.up("rabbitmq", 5672)
    const evaluate = (code: string) => docker.exec("rabbitmq", "rabbitmqctl", "eval", code)
    return running(`amqp://guest:guest@127.0.0.1:${port}/`, "docker", evaluate, docker.down)
  }
  return startPrivate()
}

const running = async (
  url: string,
  via: Via,
  evaluate: (erlang: string) => Promise<string>,
  stop: () => Promise<void>
): Promise<Running> => ({
  url,
  via,
  version: await versionOf(new URL(url)),
  openRoom: async (name) => {
    // One call of the slow rabbitmqctl instead of two.
    await evaluate(
      `rabbit_vhost:add(<<"${name}">>, <<"tests">>), ` +
        `rabbit_auth_backend_internal:set_permissions(<<"guest">>, <<"${name}">>, <<".*">>, <<".*">>, <<".*">>, <<"tests">>).`
    )
    return { name, url: withPath(url, name) }
  },
  closeRoom: async (name) => {
    await evaluate(`rabbit_vhost:delete(<<"${name}">>, <<"tests">>).`)
  },
  stop
})

const scripts = "/usr/lib/rabbitmq/bin"

const startPrivate = async (): Promise<Running> => {
  const { control, launch, url } = await prepareRabbitmq()
  const server = await launch()
  return running(url, "apt", (code) => control("eval", code), server.stop)
}

/** A broker with a store of its own, to be launched as often as it has crashed; `control` is its `rabbitmqctl`. */
export const prepareRabbitmq = async (): Promise<
  Prepared & { readonly control: (...args: ReadonlyArray<string>) => Promise<string> }
> => {
  if (!(await succeeds("test", ["-x", `${scripts}/rabbitmq-server`]))) await install(["rabbitmq-server"], "AMQP_URL")
  const folder = await temporaryFolder("rabbitmq")
  const [port, distributionPort] = await Promise.all([freePort(), freePort()])
  const node = `${uniqueName()}@localhost`
  const at = (name: string) => join(folder, name)
  await Promise.all([
    writeFile(at("plugins"), "[]."),
    writeFile(
      at("rabbitmq.conf"),
      `listeners.tcp.1 = 127.0.0.1:${port}\nloopback_users.guest = true\nlog.file.level = warning\n`
    )
  ])
  await chmod(folder, 0o755)
  const env = {
    // A home of its own: Erlang makes a cookie there, and the system's stays out of it.
    HOME: folder,
    RABBITMQ_NODENAME: node,
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: at("mnesia"),
    RABBITMQ_LOG_BASE: at("log"),
    RABBITMQ_ENABLED_PLUGINS_FILE: at("plugins"),
    RABBITMQ_CONFIG_FILE: at("rabbitmq"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    ERL_EPMD_ADDRESS: "127.0.0.1",
    // Makes the start script become the server instead of waiting beside it, so that its pid is the server's.
    RUNNING_UNDER_SYSTEMD: "1"
  }
  const control = (...args: ReadonlyArray<string>): Command =>
    asUser("rabbitmq", { command: `${scripts}/rabbitmqctl`, args: ["-n", node, ...args], env })
  const own = new URL(`amqp://guest:guest@127.0.0.1:${port}/`)
  const launch = async () => {
    const server = await start({ command: `${scripts}/rabbitmq-server`, args: [], env }, {
      user: "rabbitmq",
      folder,
      // The data is thrown away, and an orderly stop takes seconds.
      stopSignal: "SIGKILL",
      isReady: async () => (await greeting(own)).includes("version"),
      withinMillis: 120_000
    })
    await run(control("--timeout", "60", "await_startup"))
    return server
  }
  return { url: own.href, launch, control: (...args) => run(control(...args)) }
}

/** The first frame an AMQP server sends: its properties, in plain text between binary lengths. */
const greeting = (url: URL): Promise<string> =>
  ask(
    url,
    5672,
    Buffer.from("AMQP\0\0\x09\x01", "latin1"),
    (text) => text.includes("locales") || text.includes("en_US")
  )

const versionOf = async (url: URL): Promise<string> => {
  if (url.protocol === "amqps:") return "(version not asked over TLS)"
  return /versionS[^]{4}(\d[\d.]*\d)/.exec(await greeting(url))?.[1] ?? "unknown"
}
