/**
 * The role that shows things: the public API, read from view documents, and the search, asked of the search engine. It has
 * no access to PostgreSQL, and its pages need neither the broker nor Redis nor the search engine. Any number of processes may play it.
 */

import { ClientLimit, HttpApp, HttpServer, type Page, ViewGateway } from "@kanau/http"
import { Effect } from "effect"
import * as Kana from "../kana/Api.ts"
import * as Source from "../kana/Source.ts"
import type { PageKind } from "../wiki/entities/facts.ts"
import { CharacterPage } from "../wiki/pages/character.ts"
import { DocPage } from "../wiki/pages/doc.ts"
import { ProducerPage, QuotePage, StaffPage, TagPage, TraitPage } from "../wiki/pages/others.ts"
import { ReleasePage } from "../wiki/pages/release.ts"
import { SourceId, SourcePage } from "../wiki/pages/source.ts"
import { VnPage } from "../wiki/pages/vn.ts"
import { routes } from "../wiki/search/routes.ts"
import * as SearchService from "../wiki/search/SearchService.ts"
import { shapeOf } from "../wiki/views/shapes.ts"
import * as Words from "../wiki/vocabulary.ts"

interface Shown {
  readonly view: PageKind
  readonly summary: string
  readonly id: Page.Page["id"]
  readonly document: Page.Page["document"] & { readonly fields: object }
  readonly filters: ReadonlyArray<string>
  readonly sorts: ReadonlyArray<string>
}

const page = ({ document, filters, id, sorts, summary, view }: Shown): Page.Page => ({
  path: `/v1/${view}/{id}`,
  view,
  summary,
  id,
  document,
  fields: Object.keys(document.fields),
  list: { types: shapeOf(view).fields, filters, sorts, maxLimit: 100 }
})

/** What it shows. */
export const pages: ReadonlyArray<Page.Page> = [
  page({
    view: "vn",
    summary: "A visual novel",
    id: Words.VnId,
    document: VnPage,
    filters: ["olang", "length", "devstatus", "votecount", "rating", "released", "langs", "platforms", "developers"],
    sorts: ["title", "-rating", "-votecount", "-released", "released"]
  }),
  page({
    view: "release",
    summary: "A release",
    id: Words.ReleaseId,
    document: ReleasePage,
    filters: [
      "olang",
      "released",
      "langs",
      "platforms",
      "media",
      "producers",
      "minage",
      "official",
      "patch",
      "freeware"
    ],
    sorts: ["-released", "released", "title"]
  }),
  page({
    view: "producer",
    summary: "A producer",
    id: Words.ProducerId,
    document: ProducerPage,
    filters: ["lang", "type"],
    sorts: ["name"]
  }),
  page({
    view: "character",
    summary: "A character",
    id: Words.CharacterId,
    document: CharacterPage,
    filters: ["roles", "blood_type", "sex", "birthday"],
    sorts: ["name"]
  }),
  page({
    view: "staff",
    summary: "A member of staff under one of their names, such as s1.12",
    id: Words.StaffPageId,
    document: StaffPage,
    filters: ["lang", "gender", "roles", "ismain"],
    sorts: ["name"]
  }),
  page({
    view: "tag",
    summary: "A tag",
    id: Words.TagId,
    document: TagPage,
    filters: ["category"],
    sorts: ["-items", "name"]
  }),
  page({
    view: "trait",
    summary: "A trait",
    id: Words.TraitId,
    document: TraitPage,
    filters: [],
    sorts: ["-items", "name"]
  }),
  page({
    view: "quote",
    summary: "A quote",
    id: Words.QuoteId,
    document: QuotePage,
    filters: ["vn", "character"],
    sorts: ["-score"]
  }),
  page({
    view: "doc",
    summary: "A page of documentation",
    id: Words.DocId,
    document: DocPage,
    filters: [],
    sorts: ["title"]
  }),
  {
    path: "/v1/source/{id}",
    view: "source",
    summary: "Which dump the data are of, and the terms they are under; `vndb` is the one source there is",
    id: SourceId,
    document: SourcePage
  }
]

/** `limit` is that of each client; none when absent. */
export interface Options extends HttpServer.Options, ViewGateway.Options {
  readonly limit?: ClientLimit.Options | undefined
  /** Bounds of VNDB's API. */
  readonly kana?: Kana.Options
}

/** Due wherever facts from VNDB are shown. */
const licence = "What was imported from [VNDB](https://vndb.org) is under the "
  + "[Open Database License 1.0](https://opendatacommons.org/licenses/odbl/1-0/), its contents under the "
  + "[Database Contents License 1.0](https://opendatacommons.org/licenses/dbcl/1-0/)."

const app = (options: Options) =>
  Effect.gen(function*() {
    const told = yield* Source.watch
    const gateway = yield* ViewGateway.make({ headers: told, ...options })
    const clientLimit = options.limit === undefined ? {} : { clientLimit: yield* ClientLimit.make(options.limit) }
    const causal = options.causalWait === undefined ? {} : { causalWait: options.causalWait }
    const kana = yield* Kana.make({ ...causal, told, ...options.kana, gateway })
    const http = yield* HttpApp.make({
      title: "Nova VNDB",
      version: "1",
      description: licence,
      service: SearchService.service,
      routes,
      ...clientLimit,
      overLimit: Kana.overLimit
    })
    for (const page of pages) gateway.mount(http, page)
    kana.mount(http)
    return http
  })

export const layer = (options: Options) => HttpServer.layer(app(options), options)
