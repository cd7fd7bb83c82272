import type { IncomingMessage, ServerResponse } from "node:http"

/**
 * Answers a request straight from the socket, before there is a `Request`; or says false and leaves it alone. What it
 * answers must be what the application's own route would have answered.
 */
export type FastPath = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean

const byApplication = new WeakMap<object, Array<FastPath>>()

/** Adds a fast path to an application; servers try them in this order. */
export const add = (application: object, path: FastPath): void => {
  byApplication.set(application, [...of(application), path])
}

export const of = (application: object): ReadonlyArray<FastPath> => byApplication.get(application) ?? []
