/** Nova VNDB as data: what each role serves, consumes and shows. `kanau describe` and `kanau schema` read it. */
import { System } from "@kanau/core"
import { Route, ViewGateway } from "@kanau/http"
import { Consumer, Timetable } from "@kanau/messaging"
import { View } from "@kanau/views"
import * as Community from "./community/Community.ts"
import { routes as communityRoutes } from "./community/routes.ts"
import { pages } from "./roles/ApiGateway.ts"
import { days } from "./roles/days.ts"
import { housekeeping, timetable } from "./roles/housekeeping.ts"
import * as Views from "./roles/views.ts"
import { routes } from "./wiki/routes.ts"
import { routes as searchRoutes } from "./wiki/search/routes.ts"
import * as SearchService from "./wiki/search/SearchService.ts"
import { indexing } from "./wiki/search/sources.ts"
import * as Wiki from "./wiki/Wiki.ts"

export const system: System.System = System.make({
  name: "nova-vndb",
  version: "0.1.0",
  roles: {
    "user-request-handler": [
      ...System.operations(Wiki.service),
      ...System.operations(Community.service),
      ...Route.parts(routes),
      ...Route.parts(communityRoutes)
    ],
    "api-gateway": [
      ...pages.map(ViewGateway.part),
      ...System.operations(SearchService.service),
      ...Route.parts(searchRoutes)
    ],
    "event-handler": [
      ...Wiki.hooks.map(Consumer.part),
      ...Community.hooks.map(Consumer.part),
      Consumer.part(days),
      Consumer.part(housekeeping)
    ],
    "view-manager": [
      Consumer.part(Views.projection),
      Consumer.part(Views.rebuild),
      Consumer.part(indexing),
      ...Views.views.map(View.part)
    ],
    scheduler: Timetable.parts(timetable)
  }
})
