/** AR-5: what must not be read by whoever reads logs, spans and descriptions, in every place it could get there. */
import { assert, describe, it } from "@effect/vitest"
import { Fault, Layers, Processor } from "@kanau/core"
import { JsonLog } from "@kanau/runner"
import { Cause, Config, ConfigProvider, Effect, Exit, Logger, pipe, Redacted, References, Schema, Tracer } from "effect"

const secret = "hunter2-correct-horse"

class LoginRefused extends Fault.define<LoginRefused>()("LoginRefused", "unauthenticated", {
  user: Schema.String,
  tried: Schema.Redacted(Schema.String)
}, (fault) => `${fault.user} may not log in with ${JSON.stringify(fault.tried)}`) {}

class Login extends Schema.Class<Login>("Login")({
  user: Schema.String,
  password: Schema.Redacted(Schema.String)
}) {}

const input = new Login({ user: "ada", password: Redacted.make(secret) })
const refused = new LoginRefused({ user: "ada", tried: Redacted.make(secret) })

/** Everything that was written while an effect ran: log lines as the runner writes them, spans as a tracer gets them. */
const written = <A, E>(work: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const spans: Array<Tracer.NativeSpan> = []
    const logger = Logger.make((options: Logger.Options<unknown>) => void lines.push(JsonLog.format("test", options)))
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    const exit = yield* Effect.exit(work).pipe(
      Effect.provideService(References.MinimumLogLevel, "Debug"),
      Effect.provideService(Logger.CurrentLoggers, new Set([logger])),
      Effect.provideService(Tracer.Tracer, tracer)
    )
    const traced = spans.map(({ attributes, events, name, status }) =>
      JSON.stringify([name, [...attributes], events]) +
      (status._tag === "Ended" && Exit.isFailure(status.exit) ? Cause.pretty(status.exit.cause) : "")
    )
    return { exit, lines, text: [...lines, ...traced].join("\n"), spans: spans.length }
  })

const observed = <Err>(work: (login: Login) => Effect.Effect<unknown, Err>) =>
  pipe(work, Layers.timeout("Login", "1 second"), Layers.meter("Login"), Layers.log("Login"), Layers.trace("Login"))

describe("AR-5 secrets", () => {
  /** The fault of each is written by a logger further out, as a consumer or the HTTP runner does. */
  const outcomes: Readonly<Record<string, (login: Login) => Effect.Effect<unknown, LoginRefused>>> = {
    "an input that succeeds": (login) => Effect.succeed(login),
    "a fault with a secret field": () => Effect.fail(refused),
    "a defect that holds the fault": () => Effect.die(refused),
    "an interruption": () => Effect.interrupt,
    "work that logs its input": (login) => Effect.logInfo("got", login),
    "work that logs one field": (login) => Effect.logInfo(login.password),
    "work that annotates its input": (login) => Effect.annotateLogs(Effect.logInfo("got"), { login }),
    "work that logs the fault": () => Effect.logError("refused", refused),
    "work that logs its cause": () => Effect.logError("refused", Cause.fail(refused)),
    "work that logs text made of the secret": (login) => Effect.logInfo(`password ${JSON.stringify(login.password)}`),
    "work that annotates its span": (login) => Effect.annotateCurrentSpan("login", JSON.stringify(login))
  }

  for (const [title, work] of Object.entries(outcomes)) {
    it.effect(`AR-5 ${title}: not in log lines, not in spans`, () =>
      Effect.gen(function*() {
        const call = observed(work)
        const { lines, spans, text } = yield* written(
          Effect.tapCause(call(input), (cause) => Effect.logError("Login failed", cause))
        )
        assert.strictEqual(spans, 1)
        assert.isAtLeast(lines.length, 2)
        for (const line of lines) assert.isObject(JSON.parse(line))
        assert.notInclude(text, secret)
      }))
  }

  it.effect("AR-5 layers write no inputs at all, secret or not", () =>
    Effect.gen(function*() {
      const { text } = yield* written(observed(Effect.succeed<Login>)(input))
      assert.notInclude(text, "ada")
      assert.include(text, "Login ended")
    }))

  it.effect("AR-5 the test sees a secret that is not wrapped", () =>
    Effect.gen(function*() {
      const leaking = observed((login) => Effect.logInfo(Redacted.value(login.password)))
      assert.include((yield* written(leaking(input))).text, secret)
    }))

  it.effect("AR-5 configuration: not when it is logged", () =>
    Effect.gen(function*() {
      const provided = Effect.provideService(
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromEnv({
          env: { PASSWORD: secret }
        })
      )
      const right = written(Effect.flatMap(Config.Redacted("PASSWORD"), (password) =>
        Effect.annotateLogs(Effect.logInfo("configured", { password }), { password })))
      const { lines, text } = yield* provided(right)
      assert.lengthOf(lines, 1)
      assert.include(text, "<redacted")
      assert.notInclude(text, secret)
    }))

  it.effect("AR-5 descriptions hold settings, never inputs or secrets", () =>
    Effect.gen(function*() {
      const call = observed(Effect.succeed<Login>)
      yield* call(input)
      const text = JSON.stringify(Processor.shape(call))
      assert.notInclude(text, secret)
      assert.notInclude(text, "ada")
      assert.include(text, "\"timeout\"")
    }))
})
