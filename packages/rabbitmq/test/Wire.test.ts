import { assert, it } from "@effect/vitest"
import { Bus } from "@kanau/messaging"
import type { ConsumeMessage } from "amqplib"
import * as Wire from "../src/internal/wire.ts"

it("NF-2 a dead letter says why it was given up, whatever the reason", () => {
  for (const reason of Bus.reasons) {
    const failure = { reason, error: "Busy: try later" }
    const original = { content: Buffer.from("{}"), properties: { headers: {} } } as unknown as ConsumeMessage
    const copy = Wire.copy(original, { id: "1", attempts: 2, failure, queue: "q", time: "2026-01-01T00:00:00.000Z" })
    const letter = Wire.deadLetter("q", { ...original, properties: copy } as unknown as ConsumeMessage)
    assert.deepStrictEqual(letter.failure, failure)
  }
})
