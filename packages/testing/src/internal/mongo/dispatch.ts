import { administration } from "./administration.ts"
import type { Doc } from "./documents.ts"
import { codeName, CommandError, docOf, keyOf, numberOf } from "./documents.ts"
import { reads } from "./reads.ts"
import type { Handler, State } from "./state.ts"
import { writes } from "./writes.ts"

const handlers = new Map<string, Handler>(Object.entries({ ...administration, ...reads, ...writes }))

/** The reply to a command; undefined when a fail point says to hang up instead. */
export const dispatch = (state: State, command: Doc): Doc | undefined => {
  const name = Object.keys(command)[0] ?? ""
  const failPoint = state.failPoint
  if (failPoint !== undefined && failPoint.times > 0 && failPoint.commands.includes(name)) {
    failPoint.times--
    if (failPoint.closesConnection) return undefined
    return { ...failPoint.reply, codeName: codeName(numberOf(failPoint.reply["code"], 0)) }
  }
  const session = keyOf(docOf(command["lsid"])["id"] ?? null)
  const transaction = command["txnNumber"] === undefined ? undefined : keyOf(command["txnNumber"])
  const known = state.replies.get(session)
  if (transaction !== undefined && known?.transaction === transaction) return known.reply
  const reply = answer(state, name, command)
  if (transaction !== undefined && reply["ok"] === 1) state.replies.set(session, { transaction, reply })
  return reply
}

const answer = (state: State, name: string, command: Doc): Doc => {
  try {
    const handler = handlers.get(name.toLowerCase())
    if (handler === undefined) throw new CommandError(59, `no such command: '${name}'`)
    if (command["autocommit"] === false) throw new CommandError(263, "The MongoDB stand-in has no transactions.")
    return { ...handler(state, command, String(command["$db"])), ok: 1 }
  } catch (error) {
    const code = error instanceof CommandError ? error.code : 2
    const errmsg = error instanceof Error ? error.message : String(error)
    return { ok: 0, code, codeName: codeName(code), errmsg, ...(error instanceof CommandError && error.extra) }
  }
}
