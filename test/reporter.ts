/**
 * The last lines of a test run: what was skipped and why, which suites ran on which server, what failed, and the counts.
 * Printed when the process ends, after everything the other reporters and the servers have to say, so that the end of a
 * log is enough.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Reporter, SerializedError, TestModule, Vitest } from "vitest/node"

interface Use {
  readonly kind: string
  readonly file: string
  readonly version: string
  readonly via: string
}

export default class ServersAndCounts implements Reporter {
  #root = ""
  #counts = ""
  #skipped: ReadonlyArray<string> = []
  #failed: ReadonlyArray<string> = []

  onInit(vitest: Vitest): void {
    this.#root = vitest.config.root
    process.once("exit", () => {
      if (this.#counts === "") return
      process.stdout.write([...this.#skipped, ...this.#servers(), ...this.#failed, this.#counts, ""].join("\n"))
    })
  }

  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<SerializedError>): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0 }
    const skipped: Array<string> = []
    const failed = unhandled.slice(0, 3).map((error) => `failed: unhandled: ${firstLines(error)}`)
    for (const module of modules) {
      // A file that could not be read, or whose hooks failed, has no test to show for it.
      count.failed += module.errors().length
      for (const error of module.errors()) failed.push(`failed: ${module.relativeModuleId}: ${firstLines(error)}`)
      for (const test of module.children.allTests()) {
        const result = test.result()
        count[result.state === "pending" ? "skipped" : result.state]++
        if (result.state === "failed") {
          failed.push(`failed: ${module.relativeModuleId} > ${test.name}: ${result.errors.map(firstLines).join("; ")}`)
        }
        if (result.state === "skipped") {
          skipped.push(`skipped: ${module.relativeModuleId} > ${test.name}: ${result.note ?? "no reason given"}`)
        }
      }
      for (const suite of module.children.allSuites()) {
        count.failed += suite.errors().length
        for (const error of suite.errors()) failed.push(`failed: ${module.relativeModuleId}: ${firstLines(error)}`)
      }
    }
    this.#skipped = skipped.toSorted()
    this.#failed = failed
    this.#counts = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`
  }

  /** One line for each server, from what the run recorded. */
  #servers(): ReadonlyArray<string> {
    const uses = readUses(join(this.#root, "reports", "servers.json"))
    const byServer = Map.groupBy(uses, ({ kind, version, via }) => `${kind} ${version} (${via})`)
    return [...byServer].toSorted().map(([server, ofServer]) => {
      const files = [...new Set(ofServer.map(({ file }) => file))].toSorted()
      return `${server}: ${files.join(", ")}`
    })
  }
}

const firstLines = ({ message, stacks }: SerializedError): string => {
  const [place] = stacks ?? []
  return `${message.slice(0, 600)}${place === undefined ? "" : ` (${place.file}:${place.line})`}`
}

const readUses = (path: string): ReadonlyArray<Use> => {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ReadonlyArray<Use>
  } catch {
    // Nothing recorded: the run ended before it began.
    return []
  }
}
