/** Writes a synthetic dump as a folder. */
import type { Fault } from "@kanau/core"
import { Effect, Stream } from "effect"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import type { Dump, Progress } from "../../Generator.ts"
import { invalid, unreadable } from "../archive/faults.ts"

export const writeFolder = (
  folder: string,
  dump: Dump,
  onProgress: (progress: Progress) => Effect.Effect<void>
): Effect.Effect<void, Fault.InvalidInput> =>
  Effect.gen(function*() {
    yield* attempt(folder, async () => {
      await fs.mkdir(folder, { recursive: true })
      if ((await fs.readdir(folder)).length > 0) {
        throw invalid(folder, "It is not empty. Name a folder that is empty or does not exist yet.")
      }
      await fs.mkdir(path.join(folder, "db"))
      for (const [name, text] of Object.entries(dump.texts)) await fs.writeFile(path.join(folder, name), text)
    })
    for (const [at, { table, columns, bytes }] of dump.entries.entries()) {
      const file = path.join(folder, "db", table)
      yield* attempt(file, () => fs.writeFile(`${file}.header`, `${columns.join("\t")}\n`))
      const size = yield* Effect.acquireUseRelease(
        attempt(file, () => fs.open(file, "wx")),
        (handle) =>
          Stream.runFoldEffect(
            bytes,
            () => 0,
            (sum, chunk) => Effect.as(attempt(file, () => handle.writeFile(chunk)), sum + chunk.byteLength)
          ),
        (handle) => Effect.promise(() => handle.close())
      )
      yield* onProgress({ table, bytes: size, done: at + 1, of: dump.entries.length })
    }
    // Last, as the sign that all is there: a dump without it is not opened.
    yield* attempt(folder, () => fs.writeFile(path.join(folder, "TIMESTAMP"), `${dump.timestamp}\n`))
  })

/** A folder for the time of packing, on the same disk. */
export const beside = (archive: string): Effect.Effect<string, Fault.InvalidInput> =>
  attempt(archive, () => fs.mkdtemp(`${archive}.folder-`))

export const remove = (folder: string): Effect.Effect<void> =>
  Effect.promise(() => fs.rm(folder, { recursive: true, force: true }))

const attempt = <A>(place: string, run: () => Promise<A>): Effect.Effect<A, Fault.InvalidInput> =>
  Effect.tryPromise({ try: run, catch: unreadable(place) })
