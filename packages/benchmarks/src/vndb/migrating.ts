/** `vndb-migrator`, and other commands, as processes whose time and memory are measured. */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../../../../apps/vndb-migrator/src/main.ts", import.meta.url))

/** Imports a dump without deriving anything; with the lists of users or without. */
export const migrate = async (url: string, dump: string, { lists }: { readonly lists: boolean }) => {
  const options = ["--no-derive", "--json", ...(lists ? ["--user-lists"] : [])]
  const args = ["--conditions=@kanau/source", main, dump, ...options]
  const { megabytes, output, seconds } = await measure(process.execPath, args, { DATABASE_URL: url })
  return { seconds, megabytes, report: JSON.parse(output) as Readonly<Record<string, unknown>> }
}

/** Runs a command to its end: what it took, what it printed. */
export const measure = (command: string, args: ReadonlyArray<string>, environment: Readonly<Record<string, string>>) =>
  new Promise<{ readonly seconds: number; readonly megabytes: number; readonly output: string }>((resolve, reject) => {
    const start = performance.now()
    const child = spawn(command, args, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"]
    })
    let megabytes = 0
    const sampling = setInterval(() => {
      megabytes = Math.max(megabytes, highest(child.pid ?? 0))
    }, 50)
    let output = ""
    child.stdout.on("data", (data) => (output += String(data)))
    child.once("close", (code) => {
      clearInterval(sampling)
      const seconds = (performance.now() - start) / 1000
      if (code === 0) resolve({ seconds, megabytes, output })
      else reject(new Error(`${command} ended with ${code}`))
    })
  })

/** The most memory a process has had, by the kernel's own count. */
const highest = (pid: number): number => {
  try {
    const [, kilobytes = "0"] = /VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
    return Number(kilobytes) / 1024
  } catch {
    return 0
  }
}
