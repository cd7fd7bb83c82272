import { assert, describe, it } from "@effect/vitest"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kanau-standalone-"))
const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill("SIGKILL")
  fs.rmSync(folder, { recursive: true, force: true })
})

/** Starts it as a newcomer does, and waits for the two lines to paste. */
const start = async (...flags: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, ["--conditions=@kanau/source", main, ...flags], {
    env: {
      PATH: process.env["PATH"] ?? "",
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
      DATA_FOLDER: path.join(folder, "data"),
      PUBLIC_PORT: "0",
      MUTATION_PORT: "0"
    },
    stdio: ["ignore", "pipe", "pipe"]
  })
  running.add(child)
  const ended = new Promise<number | null>((resolve) =>
    child.once("exit", (code) => {
      running.delete(child)
      resolve(code)
    })
  )
  let output = ""
  await new Promise<void>((resolve, reject) => {
    const read = (data: Buffer) => {
      output += data.toString()
      if ((output.match(/^curl /gm) ?? []).length === 2 && output.endsWith("\n\n")) resolve()
    }
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    void ended.then((code) => reject(new Error(`it ended with ${code}:\n${output}`)))
  })
  const [edit = "", read = ""] = output.split("\n").filter((line) => line.startsWith("curl "))
  const url = /public API\s+(http:\/\/[^/\s]+)/.exec(output)?.[1] ?? ""
  return { child, ended, output, edit, read, url }
}

const paste = (line: string) => {
  const { stdout, status } = spawnSync("bash", ["-c", line], { encoding: "utf8" })
  assert.strictEqual(status, 0)
  return stdout
}

const titleOf = async (url: string) => ((await (await fetch(`${url}/v1/vn/v1`)).json()) as { title: string }).title

describe("npm start", () => {
  it("NV-2 the two pasted lines edit a title and show it; data stay over a restart and go with --reset", async () => {
    const first = await start()
    assert.include(first.output, "imported a sample dump: ")
    assert.match(paste(first.edit), /^\d+@\d+\n$/)
    const shown = JSON.parse(paste(first.read)) as { title: string }
    assert.strictEqual(shown.title, "A Title of My Own")
    first.child.kill("SIGINT")
    assert.strictEqual(await first.ended, 0)

    const second = await start()
    assert.notInclude(second.output, "imported")
    assert.strictEqual(await titleOf(second.url), "A Title of My Own")
    second.child.kill("SIGTERM")
    assert.strictEqual(await second.ended, 0)

    const third = await start("--reset")
    assert.include(third.output, "imported a sample dump")
    assert.strictEqual(await titleOf(third.url), "Seventh Waltz Re:birth")
    const openapi = await (await fetch(`${third.url}/openapi.json`)).json() as { openapi: string; paths: object }
    assert.strictEqual(openapi.openapi, "3.1.0")
    assert.containsAllKeys(openapi.paths, ["/v1/vn", "/v1/vn/{id}", "/v1/release", "/v1/release/{id}", "/v1/search"])
    const found = await (await fetch(`${third.url}/v1/search?q=waltz`)).json() as { hits: ReadonlyArray<object> }
    assert.isNotEmpty(found.hits)
    third.child.kill("SIGTERM")
    assert.strictEqual(await third.ended, 0)
  }, 400_000)

  it("AR-4 --help explains itself and starts nothing", () => {
    const { stdout, status } = spawnSync(process.execPath, ["--conditions=@kanau/source", main, "--help"], {
      encoding: "utf8"
    })
    assert.strictEqual(status, 0)
    assert.include(stdout, "--reset")
  }, 30_000)
})
