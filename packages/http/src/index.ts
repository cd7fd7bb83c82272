/**
 * Operations as HTTP routes on Hono, with OpenAPI.
 *
 * @module @kanau/http
 */
export * as Answer from "./Answer.ts"
export * as ApiClient from "./ApiClient.ts"
export * as BearerAuth from "./BearerAuth.ts"
export * as Body from "./Body.ts"
export * as ClientLimit from "./ClientLimit.ts"
export * as HttpApp from "./HttpApp.ts"
export * as HttpServer from "./HttpServer.ts"
export * as Page from "./Page.ts"
export * as Route from "./Route.ts"
export * as ViewGateway from "./ViewGateway.ts"
