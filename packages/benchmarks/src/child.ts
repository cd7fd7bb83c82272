/** Processes a benchmark measures from outside. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export interface Child {
  /** The first line it printed: its address. */
  readonly address: string
  readonly pid: number
  /** CPU seconds (user and system) it has used; only of children that answer, see `answerCpuTime`. */
  readonly cpuSeconds: () => Promise<number>
  /** Sends an order and waits until it is carried out, see `carryOut`. One at a time. */
  readonly ask: (order: object) => Promise<unknown>
  readonly stop: () => Promise<void>
}

/** Starts a module of this workspace and waits for its first line. */
export const start = async (
  module: URL,
  environment: Readonly<Record<string, string>> = {},
  address: (line: string) => string | undefined = (line) => line
): Promise<Child> => {
  // As scripts/role.sh starts a role.
  const child = spawn(process.execPath, [
    "--max-semi-space-size=8",
    "--conditions=@kanau/source",
    fileURLToPath(module)
  ], {
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    stdio: ["ignore", "pipe", "inherit", "ipc"]
  })
  // A benchmark that is broken off leaves nothing behind.
  const kill = () => child.kill("SIGKILL")
  process.once("exit", kill)
  const exited = new Promise<void>((resolve) =>
    child.once("exit", () => {
      process.off("exit", kill)
      resolve()
    })
  )
  const found = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout as NonNullable<ChildProcess["stdout"]> }).on("line", (line) => {
      const text = address(line)
      if (text !== undefined) resolve(text)
    })
    void exited.then(() => reject(new Error(`${module.pathname} ended before it was ready`)))
  })
  return {
    address: found,
    pid: child.pid ?? 0,
    ask: (order) =>
      new Promise((resolve, reject) => {
        child.once(
          "message",
          (reply: Reply) => "failed" in reply ? reject(new Error(reply.failed)) : resolve(reply.done)
        )
        void exited.then(() => reject(new Error(`${module.pathname} ended while it was measured`)))
        child.send(order)
      }),
    cpuSeconds: () =>
      new Promise((resolve) => {
        child.once("message", (seconds) => resolve(seconds as number))
        child.send("cpu")
      }),
    stop: async () => {
      child.kill("SIGTERM")
      await exited
    }
  }
}

/** Makes the running process answer `cpuSeconds`. */
export const answerCpuTime = (): void => {
  process.on("message", () => {
    const { user, system } = process.cpuUsage()
    process.send?.((user + system) / 1e6)
  })
}

/** Makes the running process carry out the orders of `ask`. */
export const carryOut = (work: (order: never) => Promise<unknown>): void => {
  process.on("message", (order) => {
    const reply = (message: Reply) => void process.send?.(message)
    // Only `ask` sends messages, and the module it started knows its own orders.
    work(order as never).then(
      (done) => reply({ done }),
      (error: unknown) => reply({ failed: error instanceof Error ? error.stack ?? error.message : String(error) })
    )
  })
}

type Reply = { readonly done: unknown } | { readonly failed: string }
