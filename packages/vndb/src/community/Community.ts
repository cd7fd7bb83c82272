/** The community module as applications see it. */
import { Processor } from "@kanau/core"
import { removeTraces } from "./hooks/RemoveTraces.ts"
import * as ListService from "./services/ListService.ts"
import * as TokenService from "./services/TokenService.ts"
import * as UserService from "./services/UserService.ts"
import * as VoteService from "./services/VoteService.ts"

export const handlers = [
  ...ListService.handlers,
  ...VoteService.handlers,
  ...TokenService.handlers,
  ...UserService.handlers
] as const

export { SetAttributes } from "./operations.ts"

/** Every operation on lists, votes, tokens and users. */
export const service = Processor.serve(...handlers)

/** Side effects of what people do. */
export const hooks = [removeTraces] as const

export { views } from "./views/views.ts"
