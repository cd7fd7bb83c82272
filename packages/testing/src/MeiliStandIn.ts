/**
 * A stand-in for Meilisearch on its HTTP interface: a real socket, so that the official client runs against it unchanged.
 * For tests and for trying things out, never for production: everything is in memory, and every search looks at every
 * document.
 *
 * Modelled, as documented for version 1.53: writes that are accepted first and carried out later, in order, by tasks with
 * their details and errors; indexes, their primary keys, swaps; settings, checked and merged; documents added, merged,
 * fetched, deleted by id, by filter and all; filters; sort; facets and their statistics; the ranking rules `words`, `typo`,
 * `proximity`, `attributeRank`, `attribute`, `wordPosition`, `exactness`, `sort` and rules of one's own; typo tolerance, the
 * beginning of the last word, synonyms, stop words, matching strategies, distinct; highlighting; both ways of paging;
 * multi-search; one API key.
 *
 * Not modelled: words that are split or joined, segmentation of scripts without spaces, languages, vectors, geo, federated
 * search, tenant tokens and other keys, batches of tasks, cropping, dumps and snapshots, the exact ranking score, and the
 * speed and size of a real one.
 */
import type { IncomingMessage } from "node:http"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { bodyOf, MeiliError } from "./internal/meili/errors.ts"
import type { Request } from "./internal/meili/routes.ts"
import { route, version as claimedVersion } from "./internal/meili/routes.ts"
import type { Answer } from "./internal/meili/state.ts"
import { State } from "./internal/meili/state.ts"
import type { Json } from "./internal/meili/values.ts"
import { isObject } from "./internal/meili/values.ts"

/** A running stand-in. */
export interface MeiliStandIn extends AsyncDisposable {
  readonly url: string
  /** Stops answering, as a server that was stopped; what it holds, tasks included, stays. */
  readonly stop: () => Promise<void>
  /** Answers again, at the same address. */
  readonly start: () => Promise<void>
  readonly close: () => Promise<void>
}

/** How it behaves. */
export interface Options {
  /** 0, any free port, when absent. */
  readonly port?: number
  /** The key every request must show; none when absent. */
  readonly apiKey?: string
  /** How long a task takes; 2 ms when absent. */
  readonly taskMillis?: number
}

/** The version of Meilisearch it claims to be. */
export const version = claimedVersion

/** Starts an empty one on the loopback interface. */
export const start = async ({ apiKey, port = 0, taskMillis = 2 }: Options = {}): Promise<MeiliStandIn> => {
  const state = new State(taskMillis)
  const server = createServer((request, response) => {
    void answer(state, apiKey, request).then(([status, body]) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    )
  })
  const listen = (at: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject)
      server.listen(at, "127.0.0.1", () => {
        server.off("error", reject)
        resolve()
      })
    })
  const stop = async () => {
    state.pause()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  await listen(port)
  const actual = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${actual}`,
    stop,
    start: async () => {
      await listen(actual)
      state.resume()
    },
    close: stop,
    [Symbol.asyncDispose]: stop
  }
}

const answer = async (state: State, apiKey: string | undefined, incoming: IncomingMessage): Promise<Answer> => {
  try {
    const text = await body(incoming)
    const url = new URL(incoming.url ?? "/", "http://stand-in")
    const path = url.pathname.split("/").filter((part) => part !== "").map(decodeURIComponent)
    if (path[0] === "health") return [200, { status: "available" }]
    checkKey(apiKey, incoming.headers.authorization)
    if (text !== "" && !/json/.test(incoming.headers["content-type"] ?? "")) {
      throw new MeiliError(415, "missing_content_type", "A Content-Type header is missing.")
    }
    return route(state, requestOf(incoming.method ?? "GET", path, url, text))
  } catch (error) {
    return [error instanceof MeiliError ? error.status : 500, { ...bodyOf(error) }]
  }
}

const requestOf = (method: string, path: ReadonlyArray<string>, url: URL, text: string): Request => {
  const json = (): Json => {
    try {
      return JSON.parse(text) as Json
    } catch {
      throw new MeiliError(400, "malformed_payload", "The json payload provided is malformed.")
    }
  }
  const object = () => {
    const value = text === "" ? {} : json()
    if (!isObject(value)) throw new MeiliError(400, "bad_request", "Invalid value type: expected an object.")
    return value
  }
  return { method, path, query: Object.fromEntries(url.searchParams), json, object }
}

const checkKey = (apiKey: string | undefined, shown: string | undefined): void => {
  if (apiKey === undefined || shown === `Bearer ${apiKey}`) return
  if (shown === undefined) {
    throw new MeiliError(401, "missing_authorization_header", "The Authorization header is missing.")
  }
  throw new MeiliError(403, "invalid_api_key", "The provided API key is invalid.")
}

const body = async (incoming: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of incoming.setEncoding("utf8")) text += String(chunk)
  return text
}
