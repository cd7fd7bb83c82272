/** The reads of one page. */
import { Effect, Schema } from "effect"
import type { Failure } from "../../ApiClient.ts"
import type { Page } from "../../Page.ts"
import { NotPublished } from "../gateway/notPublished.ts"
import type { Positions } from "./calls.ts"
import { decoder, type Recognise, type Sender } from "./sending.ts"

/** What a list is asked for, whatever the page. */
interface Asked {
  readonly filters?: Readonly<Record<string, unknown>>
  readonly sort?: string
  readonly limit?: number
  readonly after?: string
}

export interface Methods {
  readonly read: (id: string) => Effect.Effect<unknown, NotPublished | Failure>
  readonly readMany: (ids: ReadonlyArray<string>) => Effect.Effect<unknown, Failure>
  readonly list: (asked?: Asked) => Effect.Effect<unknown, Failure>
}

export const methods = (page: Page, send: Sender, positions: Positions | undefined): Methods => {
  // A schema of a page is one of plain data: nothing else can be shown.
  const document = Schema.toCodecJson(page.document as Schema.Codec<unknown, unknown>)
  const results = Schema.Array(document)
  const one = decoder(document, page.path)
  const several = decoder(Schema.Struct({ results, missing: Schema.Array(Schema.String) }), page.path)
  const list = decoder(Schema.Struct({ results, next: Schema.NullOr(Schema.String) }), page.path)
  const prefix = page.path.slice(0, -"{id}".length)
  const collection = prefix.slice(0, -1)
  const get = <E>(path: string, recognise: Recognise<E>) =>
    Effect.suspend(() => {
      const after = positions?.header
      return send({ method: "GET", path, headers: after === undefined ? {} : { "kanau-after": after } }, recognise)
    })
  const nothing: Recognise<never> = () => undefined
  return {
    read: (id) =>
      Effect.flatMap(
        get(
          prefix + encodeURIComponent(id),
          (code) => code === "not-published" ? new NotPublished({ view: page.view, id }) : undefined
        ),
        one
      ),
    readMany: (ids) =>
      Effect.flatMap(get(`${collection}?${new URLSearchParams({ id: ids.join(",") }).toString()}`, nothing), several),
    list: ({ filters = {}, ...rest } = {}) => {
      const given = Object.entries({ ...filters, ...rest }).filter(([, value]) => value !== undefined)
      const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
      return Effect.flatMap(get(query.size === 0 ? collection : `${collection}?${query.toString()}`, nothing), list)
    }
  }
}
