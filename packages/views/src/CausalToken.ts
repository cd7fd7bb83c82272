/**
 * Reading your own writes: a mutation answers with a token (`Kanau-Position`), a read that sends it back
 * (`Kanau-After`) waits until every view has applied that change.
 *
 * A token is `<position>@<seconds>`: the place of the event in the log, and when it was appended. Clients treat it as
 * opaque; several may be joined with commas.
 */
import { appliedRetentionMillis } from "./ViewStore.ts"

/** The token of a change. */
export const format = (position: string, nowMillis: number): string => `${position}@${Math.floor(nowMillis / 1000)}`

/** Most tokens a read may name. */
export const limit = 16

/**
 * The positions a read must wait for, or `undefined` if the text is no list of tokens. Tokens about as old as the
 * store's memory of applied positions have long been applied and are left out.
 */
export const parse = (text: string, nowMillis: number): ReadonlyArray<string> | undefined => {
  const tokens = text.split(",", limit + 1)
  if (tokens.length > limit) return undefined
  const positions: Array<string> = []
  for (const token of tokens) {
    const [, position, seconds] = shape.exec(token.trim()) ?? []
    if (position === undefined || seconds === undefined) return undefined
    if (nowMillis - Number(seconds) * 1000 < appliedRetentionMillis / 2) positions.push(position)
  }
  return positions
}

const shape = /^([1-9][0-9]{0,18})@([0-9]{1,12})$/
