/**
 * Says which requirements are proven by tests. Reads the ids from docs/requirements.md and the outcome of the last
 * `npm test` from reports/tests.json; a test counts for every id its full title names.
 *
 * Usage: npm run -s requirements [-- --json]
 */
import { existsSync, readFileSync } from "node:fs"

interface Requirement {
  readonly id: string
  readonly text: string
}

interface Count {
  tests: number
  passed: number
}

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly assertionResults: ReadonlyArray<{ readonly fullName: string; readonly status: string }>
  }>
}

const root = new URL("../", import.meta.url)
const reportFile = new URL("reports/tests.json", root)

const requirements = (): ReadonlyArray<Requirement> =>
  readFileSync(new URL("docs/requirements.md", root), "utf8").split("\n").flatMap((line) => {
    const [, id = "", text = ""] = /^\|\s*((?:KN|NF|AR|NV|SH|NB|VZ|ON)-\d+)\s*\|\s*(.*?)\s*\|$/.exec(line) ?? []
    return id === "" ? [] : [{ id, text }]
  })

const count = (ids: ReadonlyArray<string>): ReadonlyMap<string, Count> => {
  const counts = new Map(ids.map((id): [string, Count] => [id, { tests: 0, passed: 0 }]))
  const report = JSON.parse(readFileSync(reportFile, "utf8")) as Report
  for (const { fullName, status } of report.testResults.flatMap((file) => file.assertionResults)) {
    for (const id of new Set(fullName.match(/\b[A-Z]{2}-\d+\b/g))) {
      const found = counts.get(id)
      if (found === undefined) continue
      found.tests++
      if (status === "passed") found.passed++
    }
  }
  return counts
}

const table = (all: ReadonlyArray<Requirement>, counts: ReadonlyMap<string, Count>): string => {
  const lines = all.map(({ id, text }) => {
    const { tests, passed } = counts.get(id) ?? { tests: 0, passed: 0 }
    const state = tests === 0 ? "open" : passed === tests ? "proven" : passed === 0 ? "failing" : "partly"
    return `${id.padEnd(6)} ${state.padEnd(8)} ${`${passed}/${tests}`.padStart(7)}  ${text}`
  })
  const proven = all.filter(({ id }) => {
    const { tests, passed } = counts.get(id) ?? { tests: 0, passed: 0 }
    return tests > 0 && passed === tests
  })
  return [...lines, "", `${proven.length} of ${all.length} requirements are proven by tests that pass.`].join("\n")
}

if (existsSync(reportFile)) {
  const all = requirements()
  const counts = count(all.map(({ id }) => id))
  console.log(process.argv.includes("--json") ? JSON.stringify(Object.fromEntries(counts)) : table(all, counts))
} else {
  console.error("There is no test report yet. Run `npm test`, then this again.")
  process.exitCode = 1
}
