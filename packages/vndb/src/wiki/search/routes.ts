/** The public search: which operation answers which path. */
import { Route } from "@kanau/http"
import { Search } from "./operations.ts"

export const routes = [Route.get("/v1/search", Search, { tags: ["search"], cors: "any" })]
