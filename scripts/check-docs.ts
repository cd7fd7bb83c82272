/**
 * Keeps the documentation true to the sources.
 *
 *   npm run docs:check               says what does not fit, and fails
 *   npm run docs:check -- --write    brings code fences up to date first
 *
 * - A `ts` fence is an include: the line before it is `<!-- from path/to/file.ts#region -->` (no region: the whole
 *   file), and its text is that part of the file. `// #region name` and `// #endregion` mark parts; they may nest.
 * - Relative links lead to files that exist, and their anchors to headings.
 * - Tables between `<!-- checked: name -->` and `<!-- /checked -->` list exactly what the sources declare. Only the
 *   columns that sources know are compared; the words around them are for people.
 */
import { Fault } from "@kanau/core"
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { configured, errors, logFields, metrics, refusals, type Row, spans } from "./declared.ts"

const root = fileURLToPath(new URL("../", import.meta.url))
const problems: Array<string> = []
const pages = globSync(["*.md", "docs/**/*.md", "roles/**/*.md", "packages/*/README.md", "examples/*/README.md"], {
  cwd: root
}).toSorted()

/** What each checked table must list: cells by column heading, in any order of rows. */
const declared: Readonly<Record<string, () => ReadonlyArray<Row>>> = {
  faults: () =>
    (Object.keys(Fault.rules) as Array<Fault.Kind>).map((kind) => {
      const { disposition, maxAttempts, status } = Fault.rule(kind)
      const attempts = maxAttempts === undefined ? "" : `, at most ${maxAttempts} attempts`
      return { kind: `\`${kind}\``, HTTP: String(status), consumer: `${disposition}${attempts}` }
    }),
  errors,
  refusals,
  metrics,
  spans,
  "log fields": logFields,
  configuration: configured
}

const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** The lines of a region, or of the whole file, without region markers and the indentation they share. */
const excerpt = (path: string, region: string | undefined): string | undefined => {
  if (!existsSync(join(root, path))) return undefined
  let depth = region === undefined ? 1 : 0
  const lines: Array<string> = []
  for (const line of read(path).trimEnd().split("\n")) {
    const begins = /^\s*\/\/ #region (\S+)$/.exec(line)?.[1]
    if (begins !== undefined) {
      if (depth > 0 || begins === region) depth += 1
    } else if (/^\s*\/\/ #endregion$/.test(line)) {
      if (depth > 0) depth -= 1
    } else if (depth > 0) lines.push(line)
  }
  if (lines.length === 0) return undefined
  const indent = Math.min(...lines.filter((line) => line !== "").map((line) => line.search(/\S/)))
  return lines.map((line) => line.slice(indent)).join("\n").replace(/\n{3,}/g, "\n\n").trim()
}

/** Compares every `ts` fence with its source; the page with its fences up to date. */
const checkFences = (page: string, text: string): string =>
  text.replace(
    /(<!-- from (\S+?)(?:#(\S+))? -->\n\n?)?^```(?:ts|typescript)\n([\s\S]*?)^```$/gm,
    (fence: string, comment = "", path: string | undefined, region: string | undefined, code: string) => {
      if (path === undefined) {
        problems.push(`${page}: a ts fence has no source; begin it with <!-- from path#region -->`)
        return fence
      }
      const wanted = excerpt(path, region)
      if (wanted === undefined) problems.push(`${page}: ${path}#${region ?? ""} does not exist`)
      else if (`${wanted}\n` !== code) {
        if (process.argv.includes("--write")) return `${comment}\`\`\`ts\n${wanted}\n\`\`\``
        problems.push(`${page}: the fence from ${path}#${region ?? ""} is out of date; run with --write`)
      }
      return fence
    }
  )

/** Headings as GitHub turns them into anchors. */
const anchors = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
    )
  )

const checkLinks = (page: string, text: string): void => {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "")
  for (const [, target = ""] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue
    const [path = "", anchor] = target.split("#")
    const file = path === "" ? join(root, page) : resolve(root, dirname(page), path)
    if (!existsSync(file)) problems.push(`${page}: ${target} leads nowhere`)
    else if (anchor !== undefined && !anchors(readFileSync(file, "utf8")).has(anchor)) {
      problems.push(`${page}: ${relative(root, file)} has no heading #${anchor}`)
    }
  }
}

const cells = (line: string): ReadonlyArray<string> => line.split("|").slice(1, -1).map((cell) => cell.trim())

/** Compares the marked tables of a page; the names of those it has. */
const checkTables = (page: string, text: string): ReadonlyArray<string> =>
  [...text.matchAll(/<!-- checked: ([a-z ]+) -->([\s\S]*?)<!-- \/checked -->/g)].map(([, name = "", body = ""]) => {
    const expected = declared[name]?.()
    const [heading = "", , ...lines] = body.split("\n").filter((line) => line.startsWith("|"))
    if (expected === undefined) {
      problems.push(`${page}: nobody knows a checked table "${name}"`)
      return name
    }
    const columns = cells(heading)
    const compared = Object.keys(expected[0] ?? {})
    const textOf = (row: Row) => compared.map((column) => row[column] ?? "").join(" | ")
    const found = lines.map((line) =>
      textOf(Object.fromEntries(cells(line).map((cell, at) => [columns[at] ?? "", cell])))
    )
    const wanted = expected.map(textOf)
    for (const row of wanted) if (!found.includes(row)) problems.push(`${page}: ${name}: missing: ${row}`)
    for (const row of found) if (!wanted.includes(row)) problems.push(`${page}: ${name}: not declared: ${row}`)
    if (new Set(found).size !== found.length) problems.push(`${page}: ${name}: a row stands there twice`)
    return name
  })

const tables = pages.flatMap((page) => {
  const before = read(page)
  const text = checkFences(page, before)
  if (text !== before) writeFileSync(join(root, page), text)
  checkLinks(page, text)
  return checkTables(page, text)
})
for (const name of Object.keys(declared)) {
  if (!tables.includes(name)) problems.push(`no page has the checked table "${name}"`)
}

if (problems.length === 0) console.log(`${pages.length} pages fit the sources.`)
else {
  console.error(problems.join("\n"))
  process.exitCode = 1
}
