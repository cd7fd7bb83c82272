/** What is imported: a dump on disk, or a database in MySQL. */
import { Fault } from "@kanau/core"
import type { ImportService } from "@kanau/vndb"
import { Archive } from "@kanau/vndb-dump"
import { MySqlSource } from "@kanau/vndb-mysql"
import { Config, Effect, Option, Redacted } from "effect"

/** Opens what was named: a path, or a URL; the URL in MYSQL_URL when nothing was. */
export const openSource = (input: {
  readonly dump: Option.Option<string>
  readonly timestamp: Option.Option<string>
}): Effect.Effect<ImportService.Source, Fault.InvalidInput | Fault.Unavailable> => {
  const path = Option.filter(input.dump, (dump) => !MySqlSource.isUrl(dump))
  if (Option.isSome(path)) {
    return Option.isNone(input.timestamp)
      ? Archive.open(path.value)
      : wrong("--timestamp", "A dump says itself when it was made. Leave it out.")
  }
  const url = Option.isSome(input.dump) ? Effect.succeed(Redacted.make(input.dump.value)) : fromEnvironment
  const options = Option.isSome(input.timestamp) ? { timestamp: input.timestamp.value } : {}
  return Effect.flatMap(url, (url) => MySqlSource.open(url, options))
}

const wrong = (path: string, message: string) => Effect.fail(new Fault.InvalidInput({ issues: [{ path, message }] }))

const fromEnvironment = Effect.catch(
  Effect.gen(function*() {
    return yield* Config.Redacted("MYSQL_URL")
  }),
  () => wrong("dump", "Name an archive or a folder, or set MYSQL_URL to the URL of a MySQL database.")
)
