/**
 * What changes because a day has come, without anybody's edit: what is released then can be read from then on. A signal every day,
 * and the derivation it asks for, which may be done any number of times.
 */
import { Message } from "@kanau/core"
import { Consumer, RetryLadder } from "@kanau/messaging"
import { Effect, Schema } from "effect"
import * as Derive from "../wiki/services/DeriveService.ts"

/** Published by the scheduler; consumed by the event-handler. */
export class DayBegun extends Message.signal<DayBegun>()("vndb.day.begun", {
  fields: { due: Schema.String },
  subject: () => "day"
}) {}

const deriveForToday = () => Effect.asVoid(Derive.figuresInSteps())

export const days = Consumer.make({
  queue: "event-handler.days",
  ladder: RetryLadder.patient,
  handlers: [Consumer.on(DayBegun, deriveForToday)]
})
