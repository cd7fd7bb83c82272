import { assert, describe, it } from "@effect/vitest"
import { Correlation, Envelope, Fault, Message } from "@kanau/core"
import { Bus, Consumer } from "@kanau/messaging"
import { Recording, Replay } from "@kanau/testing"
import { Clock, Context, Effect, Schema } from "effect"

class Ordered extends Message.event<Ordered>()("shop.ordered", {
  fields: { id: Schema.String, cents: Schema.Int },
  subject: ({ id }) => id
}) {}
class Charged extends Message.event<Charged>()("shop.charged", {
  fields: { id: Schema.String },
  subject: ({ id }) => id
}) {}

// #region recording
const recording = `
{"specversion":"1.0","id":"1","source":"/shop","type":"shop.ordered","subject":"o1","time":"2026-03-01T10:00:00.000Z","dataschema":"1","datacontenttype":"application/json","correlationid":"c1","data":{"id":"o1","cents":900}}
{"specversion":"1.0","id":"2","source":"/shop","type":"shop.ordered","subject":"o2","time":"2026-03-01T10:00:05.000Z","dataschema":"1","datacontenttype":"application/json","correlationid":"c2","data":{"id":"o2","cents":-1}}
`
// #endregion

// #region consumers
class Ledger extends Context.Service<Ledger, Array<string>>()("Ledger") {}

/** The gateway of the cards is down for the first minute. */
const charge = ({ id, cents }: Ordered) =>
  Effect.gen(function*() {
    if (cents < 0) return yield* new Fault.Invariant({ reason: "An order with less than nothing" })
    const now = yield* Clock.currentTimeMillis
    if (now < Date.parse("2026-03-01T10:01:00Z")) {
      return yield* new Fault.Unavailable({ dependency: "cards", reason: "down" })
    }
    const ledger = yield* Ledger
    ledger.push(`charged ${id}`)
    const bus = yield* Bus.Bus
    yield* bus.publish(yield* Envelope.make(new Charged({ id }), { source: "/billing" }))
  }).pipe(Effect.catchTag("SerializeError", Effect.die))

const billing = Consumer.make({ queue: "billing", handlers: [Consumer.on(Ordered, charge)] })
const mail = Consumer.make({
  queue: "mail",
  handlers: [
    Consumer.on(Charged, ({ id }) => Ledger.use((ledger) => Effect.sync(() => void ledger.push(`mailed ${id}`))))
  ]
})
// #endregion

// #region run
const replayed = Effect.gen(function*() {
  const ledger: Array<string> = []
  const envelopes = yield* Recording.parse(recording)
  const replay = Replay.run({ envelopes, consumers: [billing, mail] })
  const report = yield* Effect.provideService(replay, Ledger, ledger)
  return { ledger, report }
})

/** For example `billing o1: Retry, Ack`. */
const summary = (report: Replay.Report) =>
  report.outcomes.map(({ queue, envelope, attempts }) =>
    `${queue} ${envelope.subject}: ${attempts.map(({ settlement }) => settlement._tag).join(", ")}`
  )
// #endregion

describe("Replay", () => {
  it.live("NF-2 a recording runs through its consumers in virtual time; retries, dead letters and what follows are told", () =>
    Effect.gen(function*() {
      const { ledger, report } = yield* replayed
      assert.deepStrictEqual(ledger, ["charged o1", "mailed o1"])
      assert.deepStrictEqual(summary(report), [
        "billing o2: DeadLetter",
        "billing o1: Retry, Retry, Retry, Retry, Ack",
        "mail o1: Ack"
      ])
      const times = report.outcomes[1]?.attempts.map(({ at }) => (at - Date.parse("2026-03-01T10:00:00Z")) / 1000)
      assert.deepStrictEqual(times, [0, 1, 5, 21, 85])
      assert.deepStrictEqual(report.published.map(({ type, correlationid }) => [type, correlationid]), [
        ["shop.charged", "c1"]
      ])
    }))

  it.live("NB-20 handlers see the correlation of the recording; types that nobody takes are told", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const watch = Consumer.make({
        queue: "watch",
        handlers: [
          Consumer.on(
            Charged,
            () => Effect.map(Correlation.Correlation, ({ correlationId }) => void seen.push(correlationId))
          )
        ]
      })
      const [ordered] = yield* Recording.parse(recording)
      assert.isDefined(ordered)
      const charged = { ...ordered, type: "shop.charged" }
      const report = yield* Replay.run({ envelopes: [ordered, charged], consumers: [watch] })
      assert.deepStrictEqual(seen, ["c1"])
      assert.deepStrictEqual(report.unrouted, [ordered])
    }))

  it.live("a handler that waits gets the time it waits for", () =>
    Effect.gen(function*() {
      const slow = Consumer.make({ queue: "slow", handlers: [Consumer.on(Ordered, () => Effect.sleep("3 seconds"))] })
      const envelopes = yield* Recording.parse(recording)
      const { outcomes } = yield* Replay.run({ envelopes, consumers: [slow], patience: 1 })
      assert.deepStrictEqual(outcomes.map(({ attempts }) => attempts.map(({ settlement }) => settlement._tag)), [
        ["Ack"],
        ["Ack"]
      ])
    }))
})

describe("Recording", () => {
  it.effect("KN-8 what is printed is read back, JSON as it is and other bytes in Base64", () =>
    Effect.gen(function*() {
      const [first] = yield* Recording.parse(recording)
      assert.isDefined(first)
      const packed = { ...first, datacontenttype: "application/msgpack", data: Uint8Array.from([0xc0, 0xff]) }
      const broken = { ...first, data: Uint8Array.from([0x7b]) }
      const printed = Recording.print([first, packed, broken])
      assert.deepStrictEqual(yield* Recording.parse(printed), [first, packed, broken])
      assert.include(printed.split("\n")[0], `"data":{"id":"o1","cents":900}`)
    }))

  it.effect("KN-8 a line that is no event fails with its number", () =>
    Effect.gen(function*() {
      for (const line of ["{", "[]", "null", `{"id":"1"}`]) {
        const fault = yield* Effect.flip(Recording.parse(`${recording}${line}\n`))
        assert.include(fault.message, "event in line 4")
      }
    }))
})
