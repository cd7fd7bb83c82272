/** Answers that scripts of any site may read. */
import type { Handler } from "hono"
import * as Answer from "../Answer.ts"
import type { Environment } from "./environment.ts"
import { cors, preflight } from "./gateway/publicHeaders.ts"
import { requestHeader } from "./requestHeader.ts"

type Answering = (c: Parameters<Handler<Environment>>[0]) => Response | Promise<Response>

/** The same handler; who asks with `Origin` gets the headers for it. */
export const open = (handle: Answering): Answering => (c) => {
  const response = handle(c)
  if (requestHeader(c.req.raw, c.env.incoming, "origin") === undefined) return response
  return response instanceof Promise ? response.then(allowed) : allowed(response)
}

/** The answer to a preflight request. */
export const preflighted: Answering = (c) => Answer.respond(c.env.correlation, 204, preflight, null)

const allowed = (response: Response): Response => {
  for (const [name, value] of Object.entries(cors)) response.headers.set(name, value)
  return response
}
