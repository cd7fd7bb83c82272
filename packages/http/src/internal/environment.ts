/** What Hono handlers of an application find in `c.env`. */
import type { HttpBindings } from "@hono/node-server"
import type { Correlation } from "@kanau/core"

export interface Environment {
  readonly Bindings: Partial<HttpBindings> & {
    /** Who asked; set for every request before any handler runs. */
    readonly correlation: Correlation.Correlation
  }
}
