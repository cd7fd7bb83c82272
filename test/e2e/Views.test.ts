/** An operator looks after views and search indexes, with the bundled tool, beside running roles on real servers. */
import { Bus } from "@kanau/messaging"
import { MongoViewStore } from "@kanau/mongodb"
import { RabbitBus } from "@kanau/rabbitmq"
import { SearchIndex } from "@kanau/search"
import { MeiliSearchIndex } from "@kanau/search/meilisearch"
import { Servers } from "@kanau/testing"
import { ViewStore } from "@kanau/views"
import { system } from "@kanau/vndb/system"
import { vnIndex } from "@kanau/vndb/wiki/search/indexes"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { execFile, execFileSync, spawn } from "node:child_process"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { assert, beforeAll, describe, expect, test } from "vitest"
import { database, eventually, importDump, retitle, type Role, type RoleName, rooms, start } from "./system.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const bundle = fileURLToPath(new URL("../../apps/nova-vndb-cli/dist/nova-vndb-cli.mjs", import.meta.url))
const environment = await rooms()
const elsewhere = await Servers.mongoDatabase()

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the bundled tool in an environment. */
const toolIn = (env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  new Promise<Outcome>((resolve) => {
    execFile(
      process.execPath,
      [bundle, ...args],
      { env: { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "", PATH: process.env["PATH"] ?? "", ...env } },
      (error, out, err) => resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err })
    )
  })

const tool = (...args: ReadonlyArray<string>) => toolIn(environment, ...args)

/** What a command prints as JSON, with its exit code. */
const json = async (...args: ReadonlyArray<string>): Promise<{ readonly code: number; readonly value: unknown }> => {
  const { code, err, out } = await tool(...args, "--json")
  assert.notStrictEqual(out, "", err)
  return { code, value: JSON.parse(out) }
}

const inStore = <A, E>(use: (store: ViewStore.ViewStoreService) => Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.provide(
    Effect.flatMap(ViewStore.ViewStore, use),
    MongoViewStore.layer({ url: Redacted.make(environment.MONGODB_URL), database: environment.MONGODB_DATABASE })
  ))

/** Somebody changes a document by hand: other bytes, the same version. */
const damage = (id: string) =>
  inStore((store) =>
    Effect.gen(function*() {
      const [held] = yield* store.read("vn", [id])
      if (held === undefined) throw new Error(`${id} is not there`)
      const bytes = new TextEncoder().encode("{\"id\":\"damaged\"}")
      assert.isTrue(yield* store.replaceIfSame("vn", { ...held, bytes, gzip: null, etag: "\"damaged\"" }, held))
    })
  )

/** Of what is told about all views or indexes: that of visual novels and of releases. */
const firstTwo = <A>(all: ReadonlyArray<A>): ReadonlyArray<A> => all.slice(0, 2)

/** A rebuild that is interrupted when its generation has begun, because whoever takes its pages does nothing. */
const interrupted = async (view: string): Promise<Outcome> => {
  const queue = "view-manager.rebuild"
  const released = Deferred.makeUnsafe<Bus.Settlement>()
  const idle = Effect.runFork(
    Effect.andThen(
      Effect.flatMap(Bus.Bus, (bus) => bus.consume(queue, { prefetch: 4 }, () => Deferred.await(released))),
      Effect.never
    ).pipe(Effect.scoped, Effect.provide(RabbitBus.layer({ url: Redacted.make(environment.AMQP_URL) })))
  )
  try {
    await eventually("the queue is consumed", async () => !(await tool("doctor")).out.includes(`consumes ${queue}`))
    const { NODE_COMPILE_CACHE = "", PATH = "" } = process.env
    const env = { NODE_COMPILE_CACHE, PATH, ...environment }
    const child = spawn(process.execPath, [bundle, "view", "rebuild", view, "--yes"], { env })
    let err = ""
    child.stderr.on("data", (text) => void (err += String(text)))
    const code = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? -1)))
    await eventually("it is being built", async () => {
      const { value } = await json("view", "status")
      return (value as ReadonlyArray<{ view: string; building: number | null }>).some((row) =>
        row.view === view && row.building !== null
      )
    })
    child.kill("SIGINT")
    return { code: await code, err, out: "" }
  } finally {
    Deferred.doneUnsafe(released, Effect.succeed({ _tag: "Ack" }))
    await Effect.runPromise(Fiber.interrupt(idle))
  }
}

let roles: ReadonlyArray<Role>
const role = (name: RoleName): Role => {
  const found = roles.find((one) => one.name === name)
  if (found === undefined) throw new Error(`${name} is not started`)
  return found
}

const page = async (id: string, after?: string): Promise<Record<string, unknown>> => {
  const headers = after === undefined ? {} : { "kanau-after": after }
  return (await fetch(`${role("api-gateway").url}/v1/vn/${id}`, { headers })).json() as Promise<Record<string, unknown>>
}

beforeAll(async () => {
  execFileSync(process.execPath, ["apps/nova-vndb-cli/bundle.ts"], { cwd: root })
  roles = await Promise.all(Object.keys(system.roles).map((name) => start(name as RoleName, environment)))
  await importDump(environment)
  await eventually("every entry has its page", async () => {
    const { value } = await json("view", "status")
    const all = value as ReadonlyArray<{ documents: number; behind: number }>
    return all.every(({ behind }) => behind === 0) && firstTwo(all).every(({ documents }) => documents > 100)
  }, 120_000)
}, 240_000)

describe("the operators' tool, views and search", () => {
  test("NV-5 a document damaged by hand is found by diff, derived again, counted, and shown right", async () => {
    const right = await page("v1")
    assert.deepStrictEqual(await json("view", "diff", "vn", "v1", "v2"), {
      code: 0,
      value: [{ view: "vn", compared: 2, added: 0, removed: 0, changed: 0, differences: [] }]
    })
    await damage("v1")
    const found = await json("view", "diff", "all", "--limit", "5")
    assert.strictEqual(found.code, 1)
    expect(firstTwo(found.value as ReadonlyArray<unknown>)).toMatchObject([
      { view: "vn", changed: 1, added: 0, removed: 0, differences: [{ id: "v1", kind: "changed" }] },
      { view: "release", changed: 0 }
    ])
    assert.match((await tool("view", "diff", "vn")).out, /v1 +changed +.*\n.* 1 differ, 0 are missing/)
    assert.deepStrictEqual(await json("view", "refresh", "vn", "v1", "v2", "v999999"), {
      code: 0,
      value: [{ view: "vn", derived: 3, written: 3, changed: 1, absent: 1 }]
    })
    await eventually("the gateway shows it", async () => (await page("v1"))["id"] === "v1")
    assert.deepStrictEqual(await page("v1"), right)

    await damage("v3")
    await inStore((store) =>
      Effect.flatMap(
        store.read("vn", ["v2"]),
        ([held]) =>
          held === undefined ? Effect.die("v2 is not there") : store.replaceIfNewer("vn", [{ ...held, id: "v900001" }])
      )
    )
    const extra = await json("view", "diff", "vn")
    expect(extra.value).toMatchObject([{ changed: 1, removed: 1 }])
    const all = await json("view", "refresh", "all", "--all")
    const counts = all.value as ReadonlyArray<{ readonly [count: string]: number | string }>
    assert.deepStrictEqual(
      firstTwo(counts).map(({ absent, changed, view }) => [view, changed, absent]),
      [["vn", 2, 1], ["release", 0, 0]]
    )
    for (const { derived, written } of counts) assert.strictEqual(written, derived)
    assert.strictEqual((await tool("view", "diff", "all")).code, 0)
  }, 120_000)

  test("NV-5 a view is refreshed while it is edited: nothing moves back", async () => {
    const refreshing = tool("view", "refresh", "all", "--all")
    let position = ""
    for (let edit = 0; edit < 20; edit++) position = await retitle(role("user-request-handler"), "v5", `Edited ${edit}`)
    assert.strictEqual((await refreshing).code, 0)
    assert.strictEqual((await page("v5", position))["title"], "Edited 19")
    await eventually("nothing differs", async () => (await tool("view", "diff", "all")).code === 0)
  }, 120_000)

  test(
    "NV-5 a rebuild is confirmed, shared with the view-manager, shown, rolled back, and its rest dropped",
    async () => {
      const refused = await tool("view", "rebuild", "vn")
      assert.strictEqual(refused.code, 2)
      assert.include(refused.err, "build vn anew and show it instead of generation 1. Add --yes to do it.")
      await damage("v7")
      const rebuilt = await json("view", "rebuild", "vn", "--yes")
      assert.strictEqual(rebuilt.code, 0)
      expect(rebuilt.value).toMatchObject([{ view: "vn", generation: 2 }])
      const status = async () => (await json("view", "status")).value as ReadonlyArray<Record<string, unknown>>
      expect((await status())[0]).toMatchObject({ view: "vn", live: 2, building: null, previous: 1, behind: 0 })
      assert.strictEqual((await tool("view", "diff", "vn", "v7")).code, 0)

      assert.include((await tool("view", "rollback", "vn")).err, "show generation 1 of vn instead of 2")
      const back = await json("view", "rollback", "vn", "--yes")
      assert.deepStrictEqual(back, { code: 0, value: { view: "vn", live: 1, previous: 2 } })
      expect((await status())[0]).toMatchObject({ live: 1, previous: 2 })
      assert.strictEqual((await tool("view", "diff", "vn", "v7")).code, 1)
      const position = await retitle(role("user-request-handler"), "v7", "After The Rollback")
      assert.strictEqual((await page("v7", position))["title"], "After The Rollback")

      assert.strictEqual((await tool("view", "drop-previous", "all")).code, 2)
      assert.deepStrictEqual(await json("view", "drop-previous", "all", "--yes"), {
        code: 0,
        value: { dropped: ["vn"] }
      })
      const none = await tool("view", "rollback", "vn", "--yes")
      assert.strictEqual(none.code, 1)
      assert.include(none.err, "no previous generation")
      assert.deepStrictEqual(await json("view", "abandon", "vn", "--yes"), { code: 0, value: { abandoned: [] } })
    },
    120_000
  )

  test(
    "NV-6 indexes are built anew and their state is told; what is gone from the truth is gone from them",
    async () => {
      const meilisearch = MeiliSearchIndex.layer({
        url: environment.MEILISEARCH_URL,
        prefix: environment.MEILISEARCH_PREFIX
      })
      const left = [{ id: "v900001", document: { titles: ["Deleted Long Ago"] } }]
      await Effect.runPromise(
        Effect.provide(Effect.flatMap(SearchIndex.SearchIndex, (index) => index.write(vnIndex, left)), meilisearch)
      )
      const { value: before } = await json("search", "status")
      assert.strictEqual((await tool("search", "reindex", "all")).code, 2)
      const done = await json("search", "reindex", "all", "--yes")
      assert.strictEqual(done.code, 0)
      expect(firstTwo(done.value as ReadonlyArray<unknown>)).toMatchObject([{ index: "vn" }, { index: "release" }])
      const [views, indexes] = await Promise.all([json("view", "status"), json("search", "status")])
      const documents = (rows: unknown) =>
        firstTwo(rows as ReadonlyArray<{ documents: number }>).map(({ documents }) => documents)
      assert.deepStrictEqual(documents(indexes.value), documents(views.value))
      const [one] = documents(indexes.value)
      assert.strictEqual(documents(before)[0], (one ?? 0) + 1)
      expect(firstTwo(indexes.value as ReadonlyArray<unknown>)).toMatchObject([
        { index: "vn", pendingTasks: 0 },
        { index: "release", pendingTasks: 0 }
      ])
    },
    120_000
  )

  test("the system describes itself as `kanau describe` does, without any server", async () => {
    const described = await toolIn({}, "describe")
    assert.strictEqual(described.code, 0)
    assert.include(described.out, "view-manager\n")
    const { value } = await json("describe")
    assert.deepStrictEqual(Object.keys((value as { roles: object }).roles), Object.keys(system.roles))
    assert.include((await toolIn({}, "describe", "--asyncapi")).out, "\"asyncapi\": \"3.0.0\"")
  }, 60_000)

  test("health asks processes, or the servers that are named", async () => {
    const urls = roles.flatMap(({ health }) => ["--url", health])
    const ready = await json("health", ...urls)
    assert.strictEqual(ready.code, 0)
    assert.strictEqual((ready.value as []).length, roles.length)
    const silent = await tool("health", "--url", role("view-manager").health, "--url", "http://127.0.0.1:1")
    assert.strictEqual(silent.code, 1)
    assert.match(silent.out, /http:\/\/127\.0\.0\.1:1 +false +does not answer/)
    const answers: Record<string, unknown> = {
      "/readyz": { ready: false, phase: "draining", checks: { postgres: "no answer", other: "ok" } },
      "/health/circuit-breakers": { status: "degraded", services: [{ name: "redis", state: "open", healthy: false }] }
    }
    const sick = createServer((request, response) => {
      response.writeHead(503).end(JSON.stringify(answers[request.url ?? ""]))
    })
    await new Promise<void>((resolve) => void sick.listen(0, "127.0.0.1", resolve))
    const { port } = sick.address() as AddressInfo
    const draining = await tool("health", "--url", `http://127.0.0.1:${port}/`)
    sick.close()
    assert.strictEqual(draining.code, 1)
    assert.include(draining.out, "draining; postgres: no answer; the circuit breaker redis is open")

    const servers = await tool("health")
    assert.strictEqual(servers.code, 0, servers.out)
    assert.match(servers.out, /PostgreSQL +true[^]*message broker +true[^]*view store +true[^]*search engine +true/)
    const broken = await toolIn({ ...environment, MONGODB_URL: "mongodb://127.0.0.1:1/" }, "health")
    assert.strictEqual(broken.code, 1)
    assert.match(broken.out, /view store +false/)
    assert.strictEqual((await toolIn({}, "health")).code, 2)
    assert.strictEqual((await tool("health", "--url", "nowhere")).code, 2)
  }, 60_000)

  test("the doctor is content, finds a planted fault, and works while servers are down", async () => {
    const well = await tool("doctor")
    assert.strictEqual(well.code, 0, well.out)
    assert.include(well.out, "All is well.")
    const down = await toolIn(
      {
        ...environment,
        AMQP_URL: "amqp://127.0.0.1:1",
        MONGODB_URL: "mongodb://127.0.0.1:1/",
        MEILISEARCH_URL: "http://127.0.0.1:1"
      },
      "doctor",
      "--json"
    )
    assert.strictEqual(down.code, 1)
    const { findings } = JSON.parse(down.out) as { readonly findings: ReadonlyArray<{ readonly what: string }> }
    assert.deepStrictEqual(findings.map(({ what }) => what), ["message broker", "view store", "search engine"])
    const nothing = await toolIn({}, "doctor")
    assert.include(nothing.out, "PostgreSQL: not looked at, DATABASE_URL is not set")

    const empty = await toolIn({ ...environment, MONGODB_DATABASE: elsewhere.name }, "doctor")
    assert.strictEqual(empty.code, 1)
    assert.include(empty.out, "! the collection of vn is missing: start the view-manager")
    assert.include(
      empty.out,
      "! nothing is shown of release: start the view-manager, then `view refresh release --all`"
    )

    const run = (statement: string) =>
      Effect.runPromise(Effect.provide(
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)),
        database(environment)
      ))
    await run("update wiki_migrations set migration_id = -migration_id")
    const behind = await tool("doctor")
    await run("update wiki_migrations set migration_id = -migration_id")
    assert.strictEqual(behind.code, 1)
    assert.match(behind.out, /! \d+ migrations are pending \(1_.*\): start a role of this version that runs them/)

    await run(`insert into kanau.events (id, type, source, subject, version, time, correlation_id, data)
      values ('never-published', 'vndb.vn.edited', '/lost', 'v1', '1', now() - interval '2 minutes', 'lost', '{}')`)
    const lost = await tool("doctor")
    await run("delete from kanau.events where id = 'never-published'")
    assert.strictEqual(lost.code, 1)
    assert.match(lost.out, /! vn is 1 events behind, the oldest of 12\d s ago: see the log of the view-manager/)
    assert.include(lost.out, "! event-handler.vn-activity: 1 events relayed")

    role("view-manager").signal("SIGTERM")
    await role("view-manager").ended
    const planted = await tool("doctor")
    assert.strictEqual(planted.code, 1)
    assert.include(planted.out, "nobody consumes view-manager, 0 messages wait: start the role view-manager")
    const alone = await tool("view", "rebuild", "vn", "--yes")
    assert.strictEqual(alone.code, 1)
    assert.include(alone.err, "start a view-manager")
  }, 120_000)

  test("NV-5 an interrupted rebuild says so, shows in status and doctor, and is gone on with or given up", async () => {
    role("view-manager").signal("SIGTERM")
    await role("view-manager").ended
    for (const view of ["vn", "release"]) {
      const { code, err } = await interrupted(view)
      assert.strictEqual(code, 130)
      assert.include(err, `The same command goes on with it; \`view abandon ${view}\` gives it up.`)
    }
    assert.match((await tool("doctor")).out, /- generation 3 of vn is being built, or its rebuild was interrupted/)
    assert.strictEqual((await tool("view", "abandon", "release")).code, 2)
    assert.deepStrictEqual(await json("view", "abandon", "release", "--yes"), {
      code: 0,
      value: { abandoned: ["release"] }
    })
    await start("view-manager", environment)
    const { code, err } = await tool("view", "rebuild", "vn", "--yes")
    assert.strictEqual(code, 0, err)
    assert.include(err, "Goes on with generation 3 of vn.")
    const { value } = await json("view", "status")
    expect(firstTwo(value as ReadonlyArray<unknown>)).toMatchObject([
      { view: "vn", live: 3, building: null, previous: 1 },
      { view: "release", live: 1, building: null, previous: null }
    ])
    assert.strictEqual((await tool("view", "diff", "all")).code, 0)
  }, 120_000)

  test("what is called wrongly says what would be right, and exits with 2", async () => {
    const wrong = [
      [["view", "refresh", "nothing", "--all"], "it may be vn, release, producer"],
      [["view", "rollback", "all"], "rlist, user, token."],
      [["view", "refresh", "vn"], "their ids, or --all"],
      [["view", "refresh", "all", "v1"], "Name the view"],
      [["view", "diff", "all", "v1"], "Name the view"],
      [["search", "reindex", "x", "--yes"], "tag, trait or all"],
      [["describe", "--json", "--asyncapi"], "Choose one"],
      [["view", "nothing"], "Unknown subcommand"]
    ] as const
    for (const [args, text] of wrong) {
      const { code, err, out } = await tool(...args)
      assert.strictEqual(code, 2, args.join(" "))
      assert.include(err + out, text)
    }
    const unset = await toolIn({}, "view", "status")
    assert.deepStrictEqual([unset.code, unset.err.trim()], [2, "DATABASE_URL is not set; it says where the server is."])
    for (const command of ["view", "search", "health", "doctor", "describe"]) {
      const help = await toolIn({}, command, "--help")
      assert.strictEqual(help.code, 0)
      assert.include(help.out, "USAGE")
    }
  }, 60_000)

  test("shells complete commands, subcommands and flags", async () => {
    const script = await toolIn({}, "--completions", "bash")
    assert.strictEqual(script.code, 0)
    const complete = (...words: ReadonlyArray<string>): ReadonlyArray<string> =>
      execFileSync("bash", ["-c", completing, "bash", script.out, ...words], { encoding: "utf8" }).trim().split(/\s+/)
    assert.include(complete("vi"), "view")
    assert.deepStrictEqual(complete("view", "re"), ["refresh", "rebuild"])
    assert.include(complete("view", "rebuild", "--"), "--yes")
    for (const shell of ["zsh", "fish"]) assert.include((await toolIn({}, "--completions", shell)).out, "rebuild")
  }, 60_000)
})

/** Loads a completion script and asks it as bash does, the last word being the one that is typed. */
const completing = `
eval "$1"; shift
COMP_WORDS=(nova-vndb-cli "$@"); COMP_CWORD=$#; COMP_LINE="nova-vndb-cli $*"; COMP_POINT=\${#COMP_LINE}
spec=$(complete -p nova-vndb-cli); function=\${spec#*-F }; function=\${function%% *}
"$function" nova-vndb-cli "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "\${COMPREPLY[@]}"
`
