import { assert, it } from "@effect/vitest"
import type { Message } from "@kanau/core"
import * as community from "../src/community/events.ts"
import { system } from "../src/system.ts"
import * as derived from "../src/wiki/derivedEvents.ts"
import * as wiki from "../src/wiki/events.ts"

const isMessage = (value: unknown): value is Message.Any => typeof value === "function" && "messageKind" in value

it("NF-1 every event that is published has a queue that takes it: none waits in the outbox for ever", () => {
  const published = [community, derived, wiki].flatMap((module) => Object.values<unknown>({ ...module })).filter(
    isMessage
  )
  const consumed = new Set(
    Object.values(system.roles).flat().flatMap((part) =>
      part.kind === "queue" ? part.handlers.map(({ message }) => message.type) : []
    )
  )
  assert.isAbove(published.length, 40)
  assert.deepStrictEqual(published.map(({ type }) => type).filter((type) => !consumed.has(type)), [])
})
