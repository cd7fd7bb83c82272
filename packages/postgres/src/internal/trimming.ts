/** Deleting what is past its time, however much has gathered. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as Database from "../Database.ts"

/** Rows deleted in one statement, so that none holds its locks for long. */
const batch = 10_000

/** Repeats a statement that deletes up to `limit` rows and returns them, until none is left; says how many there were. */
export const trimmed = (
  some: (limit: number) => Effect.Effect<ReadonlyArray<unknown>, SqlError.SqlError>
): Effect.Effect<number, Database.Faulted<SqlError.SqlError>> => {
  const statement = Database.faults(some(batch))
  const from = (before: number): Effect.Effect<number, Database.Faulted<SqlError.SqlError>> =>
    Effect.flatMap(
      statement,
      ({ length }) => length < batch ? Effect.succeed(before + length) : from(before + length)
    )
  return from(0)
}
