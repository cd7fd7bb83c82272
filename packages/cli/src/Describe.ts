/**
 * A system as text: what `kanau describe` prints, for command-line tools of systems that have one of their own. Connects to
 * nothing.
 */
import { Description, type System } from "@kanau/core"
import { AsyncApi } from "@kanau/messaging"
import { Flag } from "effect/cli"
import { text } from "./describe/text.ts"

/** `text` for people, `json` for programs with contracts as JSON Schema, `asyncapi` for its queues and messages. */
export type Format = "text" | "json" | "asyncapi"

/**
 * Writes a system down.
 *
 * @example
 * ```ts
 * import { Describe } from "@kanau/cli"
 * import { System } from "@kanau/core"
 *
 * const notes = System.make({ name: "notes", version: "1", roles: { api: [] } })
 * Describe.render(notes, "text").split("\n")[0] // => "notes 1"
 * ```
 */
export const render = (system: System.System, format: Format): string => {
  switch (format) {
    case "text":
      return text(Description.of(system))
    case "json":
      return JSON.stringify(Description.of(system), null, 2)
    case "asyncapi":
      return JSON.stringify(AsyncApi.document(system), null, 2)
  }
}

/**
 * The flags that choose a format.
 *
 * @example
 * ```ts
 * import { Describe } from "@kanau/cli"
 *
 * Object.keys(Describe.flags) // => ["json", "asyncapi"]
 * ```
 */
export const flags = {
  json: Flag.Boolean("json").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Print all of it as JSON, contracts as JSON Schema")
  ),
  asyncapi: Flag.Boolean("asyncapi").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Print queues and messages as AsyncAPI 3.0")
  )
}

/**
 * What the flags ask for; undefined when they ask for two things.
 *
 * @example
 * ```ts
 * import { Describe } from "@kanau/cli"
 *
 * Describe.formatOf({ json: true, asyncapi: false }) // => "json"
 * ```
 */
export const formatOf = (
  { asyncapi, json }: { readonly json: boolean; readonly asyncapi: boolean }
): Format | undefined => json && asyncapi ? undefined : asyncapi ? "asyncapi" : json ? "json" : "text"

/** What to say when they do. */
export const twoFormats = "Choose one of --json and --asyncapi."
