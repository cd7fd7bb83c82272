/** The command as a process of its own. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

/** The path of a fixture. */
export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

/** What the command printed, and how it ended. */
export interface Outcome {
  readonly code: number | string | null | undefined
  readonly text: string
  readonly errors: string
}

/** Runs the command in a folder. */
export const kanau = (folder: string, ...args: ReadonlyArray<string>): Promise<Outcome> =>
  new Promise((resolve) =>
    execFile(
      process.execPath,
      ["--conditions=@kanau/source", main, ...args],
      { cwd: folder, env: { ...process.env, NO_COLOR: "1" } },
      (error, text, errors) => resolve({ code: error === null ? 0 : error.code, text, errors })
    )
  )
