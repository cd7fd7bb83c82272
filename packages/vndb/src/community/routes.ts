/** The mutation API of lists and votes. Everything is about whoever asks. */
import { Route } from "@kanau/http"
import * as Do from "./operations.ts"

const mutation = {
  security: "bearer",
  tags: ["community"],
  headers: ({ position }: typeof Do.Done.Type) => ({ "kanau-position": position })
} as const

export const routes = [
  Route.patch("/v1/list/vn/{id}", Do.SetListEntry, mutation),
  Route.delete("/v1/list/vn/{id}", Do.RemoveListEntry, mutation),
  Route.patch("/v1/list/release/{id}", Do.SetReleaseStatus, mutation),
  Route.delete("/v1/list/release/{id}", Do.RemoveReleaseStatus, mutation),
  Route.put("/v1/list/label/{id}", Do.PutLabel, mutation),
  Route.delete("/v1/list/label/{id}", Do.RemoveLabel, mutation),
  Route.post("/v1/vn/{id}/tags", Do.VoteTags, mutation),
  Route.post("/v1/image/{id}/vote", Do.VoteImage, mutation),
  Route.post("/v1/vn/{id}/length", Do.VoteLength, mutation),
  Route.delete("/v1/vn/{id}/length", Do.RemoveLengthVotes, mutation),
  Route.put("/v1/vn/{id}/cover", Do.VoteCover, mutation),
  Route.post("/v1/token", Do.CreateToken, {
    ...mutation,
    headers: ({ position }) => ({ "kanau-position": position, "cache-control": "no-store" })
  }),
  Route.delete("/v1/token/{id}", Do.RevokeToken, mutation),
  Route.delete("/v1/user/{id}", Do.DeleteUser, mutation),
  Route.put("/v1/account/{name}/attributes", Do.SetAttributes, { security: "bearer", tags: ["community"] })
]
