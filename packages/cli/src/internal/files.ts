/** What the commands read from disk. */
import type { System } from "@kanau/core"
import { Data, Effect } from "effect"
import { readdir, readFile } from "node:fs/promises"
import { join, relative, resolve, sep } from "node:path"
import { pathToFileURL } from "node:url"
import * as Snapshot from "../Snapshot.ts"

/** The command was given something it cannot work with. */
export class Usage extends Data.TaggedError("Usage")<{ readonly message: string }> {}

/** The export `system` of a module. */
export const loadSystem = (path: string): Effect.Effect<System.System, Usage> =>
  Effect.flatMap(
    Effect.tryPromise({
      try: () => import(pathToFileURL(resolve(path)).href) as Promise<{ readonly system?: unknown }>,
      catch: (error) => new Usage({ message: `${path} cannot be imported: ${reason(error)}` })
    }),
    ({ system }) =>
      isSystem(system)
        ? Effect.succeed(system)
        : Effect.fail(new Usage({ message: `${path} exports no system; add \`export const system = System.make(…)\`` }))
  )

const isSystem = (value: unknown): value is System.System =>
  typeof value === "object" && value !== null && "name" in value && typeof value.name === "string" &&
  "roles" in value && typeof value.roles === "object" && value.roles !== null && "operations" in value &&
  Array.isArray(value.operations) && "messages" in value && Array.isArray(value.messages)

/** The snapshot in a file; `undefined` when there is no file. */
export const readSnapshot = (path: string): Effect.Effect<Snapshot.Snapshot | undefined, Usage> =>
  Effect.flatMap(readText(path), (text) =>
    text === undefined ? Effect.undefined : Effect.try({
      try: () => Snapshot.parse(text),
      catch: (error) => new Usage({ message: `${path} is no snapshot: ${reason(error)}` })
    }))

/** The text of a file; `undefined` when there is no file. */
export const readText = (path: string): Effect.Effect<string | undefined, Usage> =>
  Effect.catch(
    Effect.tryPromise({ try: () => readFile(path, "utf8"), catch: (error) => error }),
    (error) => isMissing(error) ? Effect.undefined : Effect.fail(new Usage({ message: reason(error) }))
  )

/** Sample files of a user: `<folder>/<contract>/<part>/v<version>….json`, or any other ending for other formats. */
export const readSamples = (folder: string): Effect.Effect<ReadonlyArray<Snapshot.UserSample>, Usage> =>
  Effect.tryPromise({
    try: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort()
      return Promise.all(paths.map(async (path): Promise<Snapshot.UserSample> => {
        const [contract, part, file, more] = relative(folder, path).split(sep)
        const version = /^v([1-9]\d*)\b/.exec(file ?? "")?.[1]
        if (contract === undefined || part === undefined || version === undefined || more !== undefined) {
          throw new Error(`${path} is not at <contract>/<part>/v<version>-<name>.json`)
        }
        return { contract, part, version: Number(version), data: await readFile(path) }
      }))
    },
    catch: (error) => new Usage({ message: `The samples in ${folder} cannot be read: ${reason(error)}` })
  })

const reason = (error: unknown): string => error instanceof Error ? error.message : String(error)

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT"
