/**
 * Publishes messages in order per subject, and ends when the bus has confirmed every one of them; unavailable, when the slot is lost meanwhile. What the bus refuses
 * goes to the outbox, and so do the later messages of its subject as long as one of them is there: the relay parks them,
 * tries again, and tells operators about them as about any other.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { type Envelope, Fault } from "@kanau/core"
import { type Bus, RetryLadder } from "@kanau/messaging"
import { Array, Effect, Random } from "effect"
import type { SqlError } from "effect/sql"
import { channel } from "../../Outbox.ts"
import * as EventRow from "../eventRow.ts"
import type { Pending } from "../pointers.ts"
import * as Publishing from "../publishing.ts"

export interface Direct {
  readonly publish: (
    envelopes: ReadonlyArray<Envelope.Envelope>
  ) => Effect.Effect<void, SqlError.SqlError | Fault.Unavailable>
}

/** `isOurs` says whether publishing may go on, or another process may have begun to. */
export const make = (sql: PgClient.PgClient, bus: Bus.BusService, isOurs: () => boolean): Direct => {
  const publishing = Publishing.make(bus, RetryLadder.standard, isOurs)
  /** Whether the outbox may hold messages of ours. */
  let diverted = true
  let numbered = 0n

  const inOutbox = (subjects: ReadonlyArray<string>) =>
    Effect.map(
      sql<{ subject: string | null }>`
        with waiting as (select subject from kanau.pending union all select subject from kanau.parked)
        select subject from waiting where subject in (select json_array_elements_text(${
        JSON.stringify(subjects)
      }::json))
        union select null from (select from waiting limit 1) something`,
      (rows) => {
        if (rows.length === 0) diverted = false
        return new Set(rows.map(({ subject }) => subject))
      }
    )

  /** An event that is in the log already, from before a crash, is not appended again. */
  const divert = (envelopes: ReadonlyArray<Envelope.Envelope>) =>
    Effect.gen(function*() {
      for (const page of Array.chunksOf(envelopes, 100)) {
        diverted = true
        yield* sql`
          with appended as (
            insert into kanau.events ${
          sql.insert(Array.map(page, EventRow.toRow))
        } on conflict do nothing returning position, subject
          )
          insert into kanau.pending (position, subject) select position, subject from appended`
      }
      if (envelopes.length > 0) yield* sql.notify(channel, "")
    })

  const publish: Direct["publish"] = (envelopes) =>
    Effect.gen(function*() {
      let left = envelopes
      for (let failures = 0; left.length > 0; failures++) {
        if (!isOurs()) return yield* new Fault.Unavailable({ dependency: "postgres", reason: "the slot is not ours" })
        if (failures > 0) {
          if (failures === 1) yield* Effect.logWarning("the bus cannot be reached; the bridge waits")
          const random = yield* Random.next
          yield* Effect.sleep(Math.min(5000, 200 * 2 ** failures) * (0.5 + random / 2))
        }
        const behind = diverted ? yield* inOutbox([...new Set(left.map(({ subject }) => subject))]) : new Set<string>()
        const batch = Publishing.batch<Pending>()
        const pointers = left.map((envelope): Pending => ({
          claim,
          position: numbered++,
          subject: envelope.subject,
          envelope,
          blocked: behind.has(envelope.subject)
        }))
        yield* publishing.publish(pointers, batch, new Set())
        const refused = new Set([...batch.refused.map(({ pointer }) => pointer), ...batch.waiting])
        const confirmed = new Set(batch.confirmed)
        // In the order they came in, which is the order of their subjects.
        yield* divert(pointers.filter((pointer) => refused.has(pointer)).map(({ envelope }) => envelope))
        left = pointers.filter((pointer) => !refused.has(pointer) && !confirmed.has(pointer))
          .map(({ envelope }) => envelope)
      }
    })

  return { publish }
}

/** Publishing is not shared out, so there is but one claim. */
const claim = { shard: 0, epoch: 0n }
