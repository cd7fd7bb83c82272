/** Reading dead letters where they lie. */
import type { Bus } from "@kanau/messaging"
import type { Session } from "./link.ts"
import type { QueueNames } from "./names.ts"
import { consumer } from "./names.ts"
import * as Wire from "./wire.ts"

/** The oldest that nobody has collected. */
export const peek = async (
  { manager }: Session,
  { deadLetters, deadLettersSubject, queue }: QueueNames,
  limit: number
): Promise<ReadonlyArray<Bus.DeadLetter>> => {
  const letters: Array<Bus.DeadLetter> = []
  // After a crash of the server there may be some before that were collected.
  let seq = await manager.consumers.info(deadLetters, consumer).then(
    ({ ack_floor }) => ack_floor.stream_seq + 1,
    () => 1
  )
  while (letters.length < limit) {
    // The first at or after that place; the client's type knows only one of the two fields.
    const next = { seq, next_by_subj: deadLettersSubject }
    const found = await manager.streams.getMessage(deadLetters, next)
    if (found === null) break
    letters.push(Wire.deadLetter(queue, { headers: found.header, data: found.data }, found.seq))
    seq = found.seq + 1
  }
  return letters
}
