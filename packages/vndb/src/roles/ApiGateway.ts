/**
 * The role that shows things: the public API, read from view documents, and the search, asked of the search engine. It has
 * no access to PostgreSQL, and its pages need neither the broker nor Redis nor the search engine. Any number of processes may play it.
 */

import { ClientLimit, HttpApp, HttpServer, type Page, ViewGateway } from "@kanau/http"
import { Effect } from "effect"
import { PublicRelease, PublicVn } from "../wiki/publicPages.ts"
import { routes } from "../wiki/search/routes.ts"
import * as SearchService from "../wiki/search/SearchService.ts"
import { releaseShape, vnShape } from "../wiki/shapes.ts"
import { ReleaseId, VnId } from "../wiki/vocabulary.ts"

/** What it shows. */
export const pages = [
  {
    path: "/v1/vn/{id}",
    view: "vn",
    summary: "A visual novel",
    id: VnId,
    document: PublicVn,
    fields: Object.keys(PublicVn.fields),
    list: {
      types: vnShape.fields,
      filters: ["olang", "length", "devstatus", "votecount", "rating"],
      sorts: ["title", "-rating", "-votecount"],
      maxLimit: 100
    }
  },
  {
    path: "/v1/release/{id}",
    view: "release",
    summary: "A release",
    id: ReleaseId,
    document: PublicRelease,
    fields: Object.keys(PublicRelease.fields),
    list: {
      types: releaseShape.fields,
      filters: ["olang", "released"],
      sorts: ["-released", "released", "title"],
      maxLimit: 100
    }
  }
] as const satisfies ReadonlyArray<Page.Page>

/** `limit` is that of each client; none when absent. */
export interface Options extends HttpServer.Options, ViewGateway.Options {
  readonly limit?: ClientLimit.Options | undefined
}

const app = (options: Options) =>
  Effect.gen(function*() {
    const gateway = yield* ViewGateway.make(options)
    const clientLimit = options.limit === undefined ? {} : { clientLimit: yield* ClientLimit.make(options.limit) }
    const http = yield* HttpApp.make({
      title: "Nova VNDB",
      version: "1",
      service: SearchService.service,
      routes,
      ...clientLimit
    })
    for (const page of pages) gateway.mount(http, page)
    return http
  })

export const layer = (options: Options) => HttpServer.layer(app(options), options)
