/** Child processes, ports and folders of the servers a run starts itself. */
import { Effect, Schedule } from "effect"
import { execFile, spawn } from "node:child_process"
import { rmSync } from "node:fs"
import { chown, mkdtemp } from "node:fs/promises"
import { connect, createServer } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)

export interface Command {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a command to its end and returns what it wrote to stdout. */
export const run = async ({ command, args, env }: Command): Promise<string> => {
  const { stdout } = await execute(command, args, { env: { ...process.env, ...env }, maxBuffer: 2 ** 26 })
  return stdout.trim()
}

/** Whether a command ends with exit code 0. */
export const succeeds = (command: string, args: ReadonlyArray<string>): Promise<boolean> =>
  execute(command, args).then(() => true, () => false)

export const isRoot = userInfo().uid === 0

/** A command as another user, when this process may choose; servers refuse to run as root. */
export const asUser = (user: string, command: Command, options: ReadonlyArray<string> = []): Command => ({
  ...command,
  command: "setpriv",
  args: [
    ...(isRoot ? [`--reuid=${user}`, `--regid=${user}`, "--init-groups"] : []),
    ...options,
    "--",
    command.command,
    ...command.args
  ]
})

export interface Child {
  /** Ends the process, waits until it is gone, and removes its folder. */
  readonly stop: () => Promise<void>
  /** Ends the process without warning and leaves its folder. */
  readonly crash: () => Promise<void>
}

export interface StartOptions {
  readonly user: string
  readonly folder: string
  readonly stopSignal: NodeJS.Signals
  /** `SIGKILL` when absent. */
  readonly crashSignal?: NodeJS.Signals
  readonly isReady: () => Promise<boolean>
  readonly withinMillis: number
}

/**
 * Starts a server in the foreground of its own process group, so that Ctrl-C reaches only the run, which then stops
 * it. `--pdeathsig` makes the kernel stop it should the run itself be killed.
 */
export const start = async (command: Command, options: StartOptions): Promise<Child> => {
  const { args, env, ...prepared } = asUser(options.user, command, ["--pdeathsig", options.stopSignal])
  const child = spawn(prepared.command, args, {
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", "ignore", "pipe"]
  })
  let complaint = ""
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000)
  })
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve())
    child.once("error", (error) => {
      complaint = error.message
      resolve()
    })
  })
  const removeFolder = () => rmSync(options.folder, { recursive: true, force: true, maxRetries: 3 })
  const onExit = () => {
    child.kill("SIGKILL")
    removeFolder()
  }
  process.once("exit", onExit)
  const end = async (signal: NodeJS.Signals) => {
    process.off("exit", onExit)
    child.kill(signal)
    await ended
  }
  const stop = () => end(options.stopSignal).then(removeFolder)
  const failed = ended.then(() => Promise.reject(new Error(`${command.command} ended: ${complaint}`)))
  failed.catch(() => undefined)
  try {
    await Promise.race([failed, until(options.isReady, options.withinMillis, command.command)])
  } catch (error) {
    await stop()
    throw error
  }
  return { stop, crash: () => end(options.crashSignal ?? "SIGKILL") }
}

/** Waits until a condition holds, looking every 20 ms. */
const until = (condition: () => Promise<boolean>, millis: number, what: string): Promise<void> =>
  Effect.tryPromise({ try: condition, catch: () => false }).pipe(
    Effect.catch(() => Effect.succeed(false)),
    Effect.repeat({ until: (ready) => ready, schedule: Schedule.spaced("20 millis") }),
    Effect.timeoutOrElse({
      duration: millis,
      orElse: () => Effect.fail(new Error(`${what} was not ready after ${millis / 1000} s`))
    }),
    Effect.asVoid,
    Effect.runPromise
  )

/** A TCP port of the loopback interface that nothing uses right now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

/** Sends bytes to a TCP port and returns what comes back until `isComplete`. */
export const ask = (
  url: URL,
  defaultPort: number,
  bytes: string | Buffer,
  isComplete: (answer: string) => boolean
): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port || defaultPort) })
    let answer = ""
    socket.setTimeout(5000, () => socket.destroy(new Error(`${url.host} does not answer`)))
    socket.once("error", reject)
    socket.once("close", () => reject(new Error(`${url.host} closed the connection`)))
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1")
      if (!isComplete(answer)) return
      resolve(answer)
      socket.destroy()
    })
    socket.write(bytes)
  })

/** A new empty folder under the system's temporary folder, owned by a user. */
export const temporaryFolder = async (user: string): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), "kanau-"))
  if (isRoot) {
    const ids = await Promise.all([
      run({ command: "id", args: ["-u", user] }),
      run({ command: "id", args: ["-g", user] })
    ])
    await chown(path, Number(ids[0]), Number(ids[1]))
  }
  return path
}
