import { run, succeeds } from "./processes.ts"
import type { Kind } from "./server.ts"
import { uniqueName } from "./server.ts"

/** The services of `docker-compose.yml`, in a project of their own for this run, on free ports. */
export interface Compose {
  /** Starts a service, waits until it is healthy, and returns its port on the loopback interface. */
  readonly up: (service: Kind, port: number) => Promise<number>
  /** Runs a command in a service's container. */
  readonly exec: (service: Kind, ...command: ReadonlyArray<string>) => Promise<string>
  readonly down: () => Promise<void>
}

/** A Docker engine that answers, with the compose plugin; none otherwise. */
export const compose = async (root: string): Promise<Compose | undefined> => {
  if (!(await succeeds("docker", ["info"])) || !(await succeeds("docker", ["compose", "version"]))) return undefined
  const base = ["compose", "--project-directory", root, "--project-name", uniqueName()]
  // Port 0 is "any free port".
  const services = ["POSTGRES", "AMQP", "NATS", "REDIS", "MONGODB", "MEILISEARCH", "MYSQL"]
  const ports = Object.fromEntries(services.map((service) => [`${service}_PORT`, "0"]))
  const env = { ...ports, COMPOSE_PROFILES: "mysql" }
  const call = (...args: ReadonlyArray<string>) => run({ command: "docker", args: [...base, ...args], env })
  let isUsed = false
  return {
    up: async (service, port) => {
      isUsed = true
      await call("up", "-d", "--wait", "--no-deps", service)
      const address = await call("port", service, String(port))
      return Number(address.slice(address.lastIndexOf(":") + 1))
    },
    exec: (service, ...command) => call("exec", "-T", service, ...command),
    down: async () => {
      if (isUsed) await call("down", "--volumes", "--timeout", "1")
    }
  }
}
