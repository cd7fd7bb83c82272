/** Processes a benchmark measures from outside. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export interface Child {
  /** The first line it printed: its address. */
  readonly address: string
  /** CPU seconds (user and system) it has used; only of children that answer, see `answerCpuTime`. */
  readonly cpuSeconds: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts a module of this workspace and waits for its first line. */
export const start = async (
  module: URL,
  environment: Readonly<Record<string, string>> = {},
  address: (line: string) => string | undefined = (line) => line
): Promise<Child> => {
  const child = spawn(process.execPath, ["--conditions=@kanau/source", fileURLToPath(module)], {
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    stdio: ["ignore", "pipe", "inherit", "ipc"]
  })
  // A benchmark that is broken off leaves nothing behind.
  process.once("exit", () => child.kill("SIGKILL"))
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const found = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout as NonNullable<ChildProcess["stdout"]> }).on("line", (line) => {
      const text = address(line)
      if (text !== undefined) resolve(text)
    })
    void exited.then(() => reject(new Error(`${module.pathname} ended before it was ready`)))
  })
  return {
    address: found,
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
