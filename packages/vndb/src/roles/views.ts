/** Every view of the system, kept by one consumer: an event counts as applied when all views have seen it. */
import { Projection, Rebuild } from "@kanau/views"
import * as Community from "../community/Community.ts"
import * as Wiki from "../wiki/Wiki.ts"

export const views = [...Wiki.views, ...Community.views] as const

/** Keeps the documents of all views current. */
export const projection = Projection.consumer("view-manager", views)

/** Fills new generations of them. */
export const rebuild = Rebuild.consumer(projection.queue.name, views)

/** Their queues; declare them before anything is published. */
export const queues = [projection, rebuild].map(({ queue }) => queue)
