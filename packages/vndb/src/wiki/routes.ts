/** The mutation API of the wiki: which operation answers which path. Every mutation tells its causal token. */
import { Route } from "@kanau/http"
import { CreateRelease, CreateVn, DeleteVn, EditRelease, EditVn, FindVn, type Saved } from "./operations.ts"

const options = { security: "bearer", tags: ["wiki"] } as const

const mutation = {
  ...options,
  headers: ({ position }: typeof Saved.Type) => ({ "kanau-position": position })
} as const

export const routes = [
  Route.post("/v1/vn", CreateVn, { ...mutation, status: 201 }),
  Route.get("/v1/vn/{id}", FindVn, options),
  Route.patch("/v1/vn/{id}", EditVn, mutation),
  Route.delete("/v1/vn/{id}", DeleteVn, mutation),
  Route.post("/v1/release", CreateRelease, { ...mutation, status: 201 }),
  Route.patch("/v1/release/{id}", EditRelease, mutation)
]
