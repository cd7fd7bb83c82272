/** What the sources declare and the reference pages list: read from the text of the sources, for `check-docs.ts`. */
import { Fault } from "@kanau/core"
import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** Cells by column heading, as they stand in the page. */
export type Row = Readonly<Record<string, string>>

const root = fileURLToPath(new URL("../", import.meta.url))

/** Every source of a kind of folder, by path. */
const sources = (...patterns: ReadonlyArray<string>): ReadonlyArray<readonly [path: string, text: string]> =>
  globSync(patterns, { cwd: root })
    .filter((path) => !path.startsWith("packages/benchmarks/") && !path.startsWith("packages/testing/"))
    .toSorted()
    .map((path) => [path, readFileSync(`${root}${path}`, "utf8")])

const code = (text: string): string => `\`${text}\``
const packageOf = (path: string): string => code(`@kanau/${path.split("/")[1] ?? ""}`)

/** Error classes made by `Fault.define`. */
export const errors = (): ReadonlyArray<Row> =>
  sources("packages/*/src/**/*.ts").flatMap(([path, text]) =>
    [...text.matchAll(/^export class (\w+)\s+extends (?:Fault\.)?define<\w+>\(\)\(\s*"(\w+)",\s*"([a-z-]+)"/gm)]
      .map(([, name = "", tag = "", kind = ""]) => ({
        error: code(name),
        code: code(Fault.code({ _tag: tag, kind: kind as Fault.Kind, message: "" })),
        kind: code(kind),
        HTTP: String(Fault.rule(kind as Fault.Kind).status),
        package: packageOf(path)
      }))
  )

/** Codes that the HTTP runner answers with on its own account. */
export const refusals = (): ReadonlyArray<Row> => {
  const found = new Map<string, Row>()
  for (const [, text] of sources("packages/http/src/**/*.ts")) {
    for (const [, status = "", name = ""] of text.matchAll(/status: (\d{3}),\s*code: "([a-z-]+)"/g)) {
      found.set(`${status} ${name}`, { code: code(name), HTTP: status })
    }
  }
  return [...found.values()]
}

/** Metrics with their type and labels. */
export const metrics = (): ReadonlyArray<Row> =>
  sources("packages/*/src/**/*.ts", "apps/*/src/**/*.ts").flatMap(([path, text]) =>
    [...text.matchAll(/const (\w+) = Metric\.(\w+)\("(kanau_\w+)"/g)].map(([, variable = "", type = "", name = ""]) => {
      const labels = [...text.matchAll(/(?:Metric\.withAttributes|labelled)\((\w+), (\{[^}]*\})\)/g)]
        .flatMap(([, labelled, object = ""]) => labelled === variable ? keysOf(object) : [])
      return {
        metric: code(name),
        type,
        labels: [...new Set(labels)].map(code).join(", "),
        package: packageOf(path)
      }
    })
  )

/** Places that open a span, with its kind; the name is an expression there, and words in the page. */
export const spans = (): ReadonlyArray<Row> =>
  sources("packages/*/src/**/*.ts", "apps/*/src/**/*.ts").flatMap(([path, text]) =>
    [...uncommented(text).matchAll(/Layers\.trace\([^)]*"(server|consumer|internal)"\)/g)]
      .map(([, kind = ""]) => ({ kind, source: code(path) }))
  )

/** Members of a log line beyond those every line has. */
export const logFields = (): ReadonlyArray<Row> => {
  const found = new Map<string, Set<string>>()
  for (const [path, text] of sources("packages/*/src/**/*.ts", "apps/*/src/**/*.ts")) {
    for (const { index } of text.matchAll(/annotateLogs\(/g)) {
      const call = balanced(text, index + "annotateLogs".length)
      const object = call.slice(call.lastIndexOf("{"))
      for (const field of keysOf(balanced(object, 0))) {
        found.set(field, (found.get(field) ?? new Set()).add(packageOf(path)))
      }
    }
  }
  return [...found].map(([field, packages]) => ({ field: code(field), package: [...packages].toSorted().join(", ") }))
}

/** Environment variables that roles and libraries read. */
export const configured = (): ReadonlyArray<Row> => {
  const names = new Set<string>()
  for (const [, text] of sources("packages/*/src/**/*.ts", "apps/*/src/**/*.ts")) {
    for (const [, name = ""] of text.matchAll(/(?:Config\.\w+|BearerAuth\.config)\([^()]*"([A-Z][A-Z0-9_]+)"\s*\)/g)) {
      names.add(name)
    }
  }
  return [...names].map((name) => ({ variable: code(name) }))
}

const uncommented = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "")

/** From an opening bracket to the one that closes it, both included. */
const balanced = (text: string, from: number): string => {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? ""
    if ("({[".includes(character)) depth++
    else if (")}]".includes(character) && --depth === 0) return text.slice(from, at + 1)
  }
  return text.slice(from)
}

/** The names of the members of an object literal, shorthand ones included. */
const keysOf = (object: string): ReadonlyArray<string> => {
  const keys: Array<string> = []
  let depth = 0
  let member = ""
  for (const character of `${object.slice(1, -1)},`) {
    if ("({[".includes(character)) depth++
    if (")}]".includes(character)) depth--
    if (character !== "," || depth > 0) member += character
    else {
      const key = /^\s*(\w+)/.exec(member)?.[1]
      if (key !== undefined) keys.push(key)
      member = ""
    }
  }
  return keys
}
