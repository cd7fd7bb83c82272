import { assert, describe, it } from "@effect/vitest"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach } from "vitest"

const secret = "postgres://kanau:hunter2@127.0.0.1:1/kanau"

interface Line {
  readonly message: string
  readonly level: string
  readonly [field: string]: unknown
}

const running = new Set<ChildProcess>()

/** Starts the fixture with its own environment only. */
const start = (env: Record<string, string>) => {
  const child = spawn(process.execPath, ["--conditions=@kanau/source", `${import.meta.dirname}/fixtures/app.ts`], {
    env: { HEALTH_PORT: "0", HEALTH_HOST: "127.0.0.1", ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  running.add(child)
  let output = ""
  let errors = ""
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => output += chunk)
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => errors += chunk)
  const lines = (): Array<Line> => output.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Line)
  /** The first line with this text, as soon as it is there. */
  const saying = async (text: string): Promise<Line> => {
    for (;;) {
      const line = lines().find((one) => one.message.includes(text))
      if (line !== undefined) return line
      if (child.exitCode !== null) throw new Error(`ended without saying "${text}": ${output}${errors}`)
      await Promise.race([once(child.stdout, "data"), once(child, "exit")])
    }
  }
  const ended = once(child, "close").then(([code]) => {
    running.delete(child)
    return code as number
  })
  const health = async (path: string): Promise<Response> => {
    const { port } = await saying("Health server listens")
    return await fetch(`http://127.0.0.1:${String(port)}${path}`)
  }
  return { child, lines, saying, ended, health, output: () => output + errors }
}

afterEach(() => {
  for (const child of running) child.kill("SIGKILL")
})

describe("Runner", { concurrent: false }, () => {
  it("AR-4 SIGTERM: not ready at once, work in flight finishes, exit 0 within 30 s (openmeter #3141)", async () => {
    const app = start({ MODE: "work", DATABASE_URL: secret })
    await app.saying("fixture is ready")
    await app.saying("working")
    assert.strictEqual((await app.health("/readyz")).status, 200)
    const signalled = performance.now()
    app.child.kill("SIGTERM")
    await app.saying("SIGTERM: draining")
    const readiness = await app.health("/readyz")
    assert.strictEqual(readiness.status, 503)
    assert.deepInclude(await readiness.json(), { ready: false, phase: "draining" })
    assert.strictEqual((await app.health("/healthz")).status, 200)
    assert.strictEqual(await app.ended, 0)
    assert.isBelow(performance.now() - signalled, 30_000)
    assert.include(app.lines().map((line) => line.message), "work finished")
  })

  it("AR-4 a second signal ends the process at once: 143 for SIGTERM, 130 for SIGINT", async () => {
    for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
      const app = start({ MODE: "endless", DATABASE_URL: secret })
      await app.saying("working")
      app.child.kill("SIGTERM")
      await app.saying("draining")
      app.child.kill(signal)
      assert.strictEqual(await app.ended, code)
    }
  })

  it("AR-4 work that outlives DRAIN_TIMEOUT is cut off with exit 1", async () => {
    const app = start({ MODE: "endless", DATABASE_URL: secret, DRAIN_TIMEOUT: "100 millis" })
    await app.saying("working")
    app.child.kill("SIGTERM")
    assert.strictEqual(await app.ended, 1)
    await app.saying("is cut off")
  })

  it("AR-4 a signal during a start that hangs ends it with exit 0; readiness is false until everything is built", async () => {
    const app = start({ MODE: "slow-start", DATABASE_URL: secret })
    const readiness = await app.health("/readyz")
    assert.strictEqual(readiness.status, 503)
    assert.deepInclude(await readiness.json(), { phase: "starting" })
    app.child.kill("SIGTERM")
    assert.strictEqual(await app.ended, 0)
  })

  it("AR-4 missing or wrong configuration: exit 1 and a line that says what to set", async () => {
    const missing = start({ MODE: "work" })
    assert.strictEqual(await missing.ended, 1)
    const line = await missing.saying("cannot start")
    assert.strictEqual(line.level, "fatal")
    assert.include(line.message, "Set DATABASE_URL")
    const wrong = start({ MODE: "work", DATABASE_URL: secret, DRAIN_TIMEOUT: "soon" })
    assert.strictEqual(await wrong.ended, 1)
    assert.include((await wrong.saying("cannot start")).message, "DRAIN_TIMEOUT")
  })

  it("AR-4 an unreachable server at start: exit 1 and a line that names it", async () => {
    const app = start({ MODE: "unreachable", DATABASE_URL: secret })
    assert.strictEqual(await app.ended, 1)
    const { message } = await app.saying("cannot start")
    assert.include(message, "postgres at 127.0.0.1:1 is unavailable: connection refused")
    assert.include(message, "Start it")
  })

  it("AR-4 a taken health port: exit 1 and a line that names the port", async () => {
    const other = createServer().listen(0, "127.0.0.1")
    await once(other, "listening")
    const port = String((other.address() as AddressInfo).port)
    const app = start({ MODE: "work", DATABASE_URL: secret, HEALTH_PORT: port })
    assert.strictEqual(await app.ended, 1)
    assert.include((await app.saying("cannot start")).message, `health port ${port}`)
    other.close()
  })

  it("AR-4 a rejection nobody handles is logged and ends the process with 1", async () => {
    const app = start({ MODE: "rejection", DATABASE_URL: secret })
    assert.strictEqual(await app.ended, 1)
    const line = await app.saying("nobody handled")
    assert.include(String(line["error"]), "nobody caught this")
  })

  it("AR-4 a failing check is named by /readyz, without its text when that may be secret", async () => {
    const app = start({ MODE: "failing-check", DATABASE_URL: secret })
    await app.saying("is ready")
    const readiness = await app.health("/readyz")
    assert.strictEqual(readiness.status, 503)
    assert.deepInclude(await readiness.json(), { checks: { postgres: "failed", redis: "ok" } })
    assert.strictEqual((await app.health("/metrics")).status, 200)
    assert.strictEqual((await app.health("/other")).status, 404)
  })

  it("NB-20 every line carries role, correlation and trace of the work that wrote it; AR-5 secrets are never printed", async () => {
    const app = start({ MODE: "work", DATABASE_URL: secret })
    await app.saying("work finished")
    app.child.kill("SIGTERM")
    assert.strictEqual(await app.ended, 0)
    for (const line of app.lines()) {
      assert.containsAllKeys(line, ["time", "level", "message", "role", "correlationId", "traceId"])
      assert.strictEqual(line["role"], "fixture")
    }
    for (const line of [await app.saying("working"), await app.saying("work finished")]) {
      assert.deepInclude(line, { correlationId: "corr-7", causationId: "cause-3", traceId: "a".repeat(32) })
    }
    assert.deepInclude(await app.saying("has a secret"), { correlationId: "-", secret: "<redacted>" })
    assert.notInclude(app.output(), "hunter2")
  })

  it("NB-20 LOG_LEVEL silences what is below it", async () => {
    const app = start({ MODE: "unreachable", DATABASE_URL: secret, LOG_LEVEL: "error" })
    assert.strictEqual(await app.ended, 1)
    assert.deepStrictEqual(app.lines().map((line) => line.level), ["fatal"])
  })

  it("traces, metrics and logs go to the collector when one is configured", async () => {
    const seen = new Map<string, string>()
    const collector = createServer((request, response) => {
      let body = ""
      request.setEncoding("utf8").on("data", (chunk: string) => body += chunk).on("end", () => {
        seen.set(request.url ?? "", (seen.get(request.url ?? "") ?? "") + body)
        response.end("{}")
      })
    }).listen(0, "127.0.0.1")
    await once(collector, "listening")
    const { port } = collector.address() as AddressInfo
    const app = start({
      MODE: "work",
      DATABASE_URL: secret,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`
    })
    await app.saying("work finished")
    app.child.kill("SIGTERM")
    assert.strictEqual(await app.ended, 0)
    assert.include(seen.get("/v1/traces") ?? "", "\"job\"")
    assert.include(seen.get("/v1/logs") ?? "", "work finished")
    assert.isTrue(seen.has("/v1/metrics"))
    collector.close()
  })
})
