/** The rules of the house, read off the sources. */
import { assert, describe, it } from "@effect/vitest"
import { Views, Wiki } from "@kanau/vndb"
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

const sourcesUnder = (folder: string): ReadonlyArray<string> =>
  fs.readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.join(folder, file))
    .sort()

const read = (file: string) => fs.readFileSync(path.join(root, file), "utf8")

/** A source without its comments and without what stands in strings and templates that are no code. */
const code = (file: string) => read(file).replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "")

const imports = (file: string): ReadonlyArray<string> =>
  [...code(file).matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] as string)

const sources = ["packages", "apps"].flatMap((area) =>
  fs.readdirSync(path.join(root, area)).flatMap((name) => sourcesUnder(path.join(area, name, "src")))
)

/** Every module that a file loads, by following its imports through the workspace. */
const loads = (entry: string): ReadonlySet<string> => {
  const seen = new Set<string>()
  const outside = new Set<string>()
  const visit = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    // Types are erased before anything is loaded.
    const values = code(file).replace(/^(?:import|export) type [\s\S]*?from\s+"[^"]+"/gm, "")
    for (const [, target = ""] of values.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      if (target.startsWith(".")) visit(path.join(path.dirname(file), target))
      else if (target.startsWith("@kanau/")) {
        const [, name = "", ...rest] = target.split("/")
        visit(path.join("packages", name, "src", rest.length === 0 ? "index.ts" : `${rest.join("/")}.ts`))
      } else outside.add(target)
    }
  }
  visit(entry)
  return new Set([...seen, ...outside])
}

describe("Architecture", () => {
  it("AR-1 SQL stands in entity folders and in the adapters of SQL databases, nowhere else", () => {
    const adapters =
      /^packages\/(postgres|vndb-mysql|testing|chaos|benchmarks)\/|^packages\/messaging\/src\/internal\/embeddedStore\.ts$/
    const statement = /\bsql(?:<[^`]*>)?`|\.unsafe\(|`\s*(?:select|insert into|update|delete from|with)\s/i
    const offenders = sources.filter((file) =>
      !file.includes("/entities/") && !adapters.test(file) && statement.test(code(file))
    )
    assert.deepStrictEqual(offenders, [])
    assert.isTrue(
      sources.some((file) => file.includes("/entities/") && statement.test(code(file))),
      "the rule finds SQL"
    )
  })

  it("AR-1 entities know no transport and no service; services know no transport and no SQL client", () => {
    const forbidden = [
      { of: "/entities/", not: /@kanau\/(http|messaging|rabbitmq|redis)|\/services\/|\/edge|hono|amqplib/ },
      { of: "/services/", not: /@kanau\/(http|messaging|rabbitmq|redis|mongodb)|effect\/sql|@effect\/sql|hono|amqplib/ }
    ]
    for (const { of, not } of forbidden) {
      const files = sources.filter((file) => file.startsWith("packages/vndb/") && file.includes(of))
      assert.isNotEmpty(files)
      for (const file of files) assert.deepStrictEqual(imports(file).filter((target) => not.test(target)), [], file)
    }
  })

  it("AR-2 the edge decides nothing: routes name operations, statuses and headers", () => {
    const routes = code("packages/vndb/src/wiki/routes.ts")
    assert.notMatch(routes, /\bif\b|\bswitch\b|\?[^.:]*:|\bEffect\b|\bawait\b/)
    assert.match(routes, /Route\.patch\(/)
  })

  it("AR-3 each hook owns one queue, and no two consumers share one", () => {
    const queues = [...Views.queues, ...Wiki.queues].map(({ name }) => name)
    assert.isNotEmpty(Wiki.hooks)
    assert.strictEqual(new Set(queues).size, queues.length)
  })

  it("AR-4 applications only wire: short, without SQL, schemas or business rules", () => {
    const apps = sources.filter((file) => file.startsWith("apps/"))
    assert.isAtLeast(apps.length, 6)
    for (const file of apps) {
      assert.isBelow(read(file).split("\n").length, 150, file)
      assert.notMatch(
        code(file),
        /\bsql`|Schema\.(Struct|Class)|Operation\.define|Message\.(event|command|signal)/,
        file
      )
    }
  })

  it("NV-1 the api-gateway loads no PostgreSQL client", () => {
    const loaded = loads("apps/api-gateway/src/main.ts")
    assert.isTrue(loaded.has("packages/vndb/src/roles/ApiGateway.ts"))
    assert.deepStrictEqual(
      [...loaded].filter((module) => /postgres|sql-pg|effect\/sql|\/entities\/|\/services\//.test(module)),
      []
    )
  })

  it("AR-4 library code takes time, timers, randomness and ids from Effect's services", () => {
    const banned =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bset(?:Timeout|Interval|Immediate)\(|\brandomUUID\(|\bperformance\.now\(/
    const testKit = /^packages\/(testing|benchmarks)\//
    const offenders = sources.filter((file) =>
      file.startsWith("packages/") && !testKit.test(file) && banned.test(code(file))
    )
    assert.deepStrictEqual(offenders, [])
  })

  it("AR-1 packages depend one way: core, runner, kits, adapters, domain, applications", () => {
    const kits = ["http", "messaging", "views"]
    const adapters = ["rabbitmq", "nats", "postgres", "mongodb", "redis"]
    const allowed: Record<string, ReadonlyArray<string>> = {
      core: [],
      runner: ["core"],
      messaging: ["core", "runner"],
      views: ["core", "runner", "messaging"],
      search: ["core", "messaging", "views"],
      http: ["core", "runner", "messaging", "views"],
      ...Object.fromEntries(adapters.map((name) => [name, ["core", "runner", ...kits]])),
      "vndb-dump": ["core"],
      "vndb-mysql": ["core", "vndb-dump"],
      vndb: ["core", "runner", ...kits, "search", "postgres", "vndb-dump"]
    }
    for (const [name, mayUse] of Object.entries(allowed)) {
      for (const file of sources.filter((one) => one.startsWith(`packages/${name}/`))) {
        const used = imports(file).filter((target) => target.startsWith("@kanau/")).map((target) =>
          target.split("/")[1] ?? ""
        )
        assert.deepStrictEqual(used.filter((target) => !mayUse.includes(target)), [], file)
      }
    }
  })

  it("every field failure that is described names a scenario", () => {
    const tests = ["packages", "test"].flatMap(sourcesUnder).filter((file) =>
      file.endsWith(".test.ts") || file.startsWith("packages/testing/src/internal/bus/") ||
      /\/test\/\w+\.ts$/.test(file)
    ).map(read).join("\n")
    const names = [...read("docs/explanation/field-failures.md").matchAll(/^\| ([A-Za-z][^|]+?) +\|/gm)]
      .map(([, name]) => name as string).slice(1)
    assert.isAbove(names.length, 20)
    assert.deepStrictEqual(names.filter((name) => !tests.includes(name)), [])
  })
})
