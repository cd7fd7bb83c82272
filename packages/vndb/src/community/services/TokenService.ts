/** Decides about tokens with which programs ask in somebody's name. Nothing but a digest of a token is ever kept. */
import { Processor } from "@kanau/core"
import { Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import * as Token from "../../kana/Token.ts"
import { EntryNotFound, InconsistentEntry } from "../../wiki/operations/faults.ts"
import * as Tokens from "../entities/Tokens.ts"
import { TokenCreated, TokenRevoked } from "../events.ts"
import * as Do from "../operations.ts"
import { acting, inOne, told } from "./acting.ts"

/** How many tokens somebody may have. */
const most = 100

const create = Effect.fnUntraced(function*({ listread, listwrite }: Do.CreateToken) {
  const { at, uid } = yield* acting
  if ((yield* Tokens.countTokens({ uid })) >= most) {
    return yield* new InconsistentEntry({ rule: `tokens: you have ${most} already; revoke one` })
  }
  const random = yield* SecureRandom.SecureRandom
  const bytes = yield* random.randomBytes(Token.size)
  const id = Token.digest(bytes)
  yield* Tokens.addToken({ id, uid, listread, listwrite, at })
  const { position } = yield* told(new TokenCreated({ id, user: uid }))
  return { id, token: Token.format(bytes), position }
}, (effect) => inOne(Effect.provide(effect, SecureRandom.layerWebCrypto)))

const revoke = Effect.fnUntraced(function*({ id }: Do.RevokeToken) {
  const { uid } = yield* acting
  if (!(yield* Tokens.removeToken({ uid, id }))) return yield* new EntryNotFound({ id })
  return yield* told(new TokenRevoked({ id, user: uid }))
}, inOne)

export const handlers = [Processor.on(Do.CreateToken, create), Processor.on(Do.RevokeToken, revoke)] as const
