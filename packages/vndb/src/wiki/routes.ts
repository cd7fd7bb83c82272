/** The mutation API of the wiki: which operation answers which path. Every mutation tells its causal token. */
import { Route } from "@kanau/http"
import type { Saved } from "./operations/answers.ts"
import * as Do from "./operations/entries.ts"
import * as Transitions from "./operations/transitions.ts"

const options = { security: "bearer", tags: ["wiki"] } as const

const mutation = {
  ...options,
  headers: ({ position }: typeof Saved.Type) => ({ "kanau-position": position })
} as const

const added = { ...mutation, status: 201 } as const

export const routes = [
  Route.post("/v1/vn", Do.CreateVn, added),
  Route.get("/v1/vn/{id}", Do.FindVn, options),
  Route.patch("/v1/vn/{id}", Do.EditVn, mutation),
  Route.post("/v1/release", Do.CreateRelease, added),
  Route.get("/v1/release/{id}", Do.FindRelease, options),
  Route.patch("/v1/release/{id}", Do.EditRelease, mutation),
  Route.post("/v1/producer", Do.CreateProducer, added),
  Route.get("/v1/producer/{id}", Do.FindProducer, options),
  Route.patch("/v1/producer/{id}", Do.EditProducer, mutation),
  Route.post("/v1/character", Do.CreateCharacter, added),
  Route.get("/v1/character/{id}", Do.FindCharacter, options),
  Route.patch("/v1/character/{id}", Do.EditCharacter, mutation),
  Route.post("/v1/staff", Do.CreateStaff, added),
  Route.get("/v1/staff/{id}", Do.FindStaff, options),
  Route.patch("/v1/staff/{id}", Do.EditStaff, mutation),
  Route.post("/v1/tag", Do.CreateTag, added),
  Route.get("/v1/tag/{id}", Do.FindTag, options),
  Route.patch("/v1/tag/{id}", Do.EditTag, mutation),
  Route.post("/v1/trait", Do.CreateTrait, added),
  Route.get("/v1/trait/{id}", Do.FindTrait, options),
  Route.patch("/v1/trait/{id}", Do.EditTrait, mutation),
  Route.post("/v1/quote", Do.CreateQuote, added),
  Route.get("/v1/quote/{id}", Do.FindQuote, options),
  Route.patch("/v1/quote/{id}", Do.EditQuote, mutation),
  Route.post("/v1/doc", Do.CreateDoc, added),
  Route.get("/v1/doc/{id}", Do.FindDoc, options),
  Route.patch("/v1/doc/{id}", Do.EditDoc, mutation),
  Route.delete("/v1/entry/{id}", Transitions.DeleteEntry, mutation),
  Route.post("/v1/entry/{id}/restore", Transitions.RestoreEntry, mutation),
  Route.post("/v1/entry/{id}/hide", Transitions.HideEntry, mutation),
  Route.post("/v1/entry/{id}/show", Transitions.ShowEntry, mutation),
  Route.post("/v1/entry/{id}/lock", Transitions.LockEntry, mutation),
  Route.post("/v1/entry/{id}/unlock", Transitions.UnlockEntry, mutation),
  Route.post("/v1/entry/{id}/revert", Transitions.RevertEntry, mutation),
  Route.get("/v1/entry/{id}/revisions", Transitions.ListRevisions, options),
  Route.get("/v1/entry/{id}/revisions/{revision}", Transitions.FindRevision, options),
  Route.get("/v1/entry/{id}/diff", Transitions.DiffRevisions, options)
]
