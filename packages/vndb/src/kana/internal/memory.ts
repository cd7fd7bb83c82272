/** Memory of the API that follows a gateway. */
import type { ViewGateway } from "@kanau/http"
import { Effect, type Scope } from "effect"
import type { Entity } from "../Filters.ts"
import * as LabelMemory from "../LabelMemory.ts"
import * as Store from "../Store.ts"

/** What is searched for by words. */
export const searchable: ReadonlyArray<Entity> = ["vn", "release", "producer", "character", "staff", "tag", "trait"]

/** Labels that are read from `store` and follow the gateway until the scope closes. */
export const follow = (
  gateway: ViewGateway.ViewGateway,
  store: Store.Store
): Effect.Effect<Store.Memory, never, Scope.Scope> =>
  Effect.map(
    Effect.forEach(searchable, (name) =>
      Effect.map(LabelMemory.make(Store.labelSource(store, name)), (memory) => {
        gateway.follow(name, memory)
        return [name, memory] as const
      })),
    (labels) => ({ documents: gateway.documents, labels: new Map(labels) })
  )
