/** Processes of their own for tests that kill and stop them. */
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

/** Runs a fixture with these arguments; it is killed when the scope closes. */
export const child = (fixture: string, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync((): ChildProcess =>
      spawn(process.execPath, [
        "--conditions=@kanau/source",
        fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url)),
        ...args
      ], { stdio: ["ignore", "ignore", "inherit"] })
    ),
    killed
  )

/** Kills a process with SIGKILL and waits until it is gone. */
export const killed = (process: ChildProcess): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    if (process.exitCode !== null || process.signalCode !== null) return resume(Effect.void)
    process.once("exit", () => resume(Effect.void))
    process.kill("SIGKILL")
  })
