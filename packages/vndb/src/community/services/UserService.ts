/** Decides about users and what they may do. */
import { Principal, Processor } from "@kanau/core"
import { Clock, Effect } from "effect"
import { newcomer } from "../../accounts/Attributes.ts"
import { findAttributes, putAttributes } from "../../accounts/entities/Accounts.ts"
import { EntryNotFound } from "../../wiki/operations/faults.ts"
import * as Users from "../entities/Users.ts"
import { UserDeleted } from "../events.ts"
import * as Do from "../operations.ts"
import { inOne, told } from "./acting.ts"

const remove = Effect.fnUntraced(function*({ id }: Do.DeleteUser) {
  const { name: by } = yield* Principal.Principal
  const at = new Date(yield* Clock.currentTimeMillis)
  if (!(yield* Users.deleteUser({ id, by, at }))) return yield* new EntryNotFound({ id })
  return yield* told(new UserDeleted({ id, by }))
}, inOne)

const setAttributes = Effect.fnUntraced(function*({ name, ...attributes }: Do.SetAttributes) {
  yield* putAttributes({ name, attributes, at: new Date(yield* Clock.currentTimeMillis) })
  return (yield* findAttributes({ name })) ?? newcomer
}, inOne)

export const handlers = [
  Processor.on(Do.DeleteUser, remove),
  Processor.on(Do.SetAttributes, setAttributes)
] as const
