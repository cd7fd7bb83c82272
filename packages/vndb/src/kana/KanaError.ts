/** What a request is refused with: a status, and one line of plain text, to the letter what VNDB says. */

/** A status, and the text without the line end. */
export interface KanaError {
  readonly status: number
  readonly text: string
}

/**
 * A request that is wrong.
 *
 * @example
 * ```ts
 * import { refused } from "@kanau/vndb/kana/KanaError"
 *
 * refused("Unknown member 'x'.") // => { status: 400, text: "Unknown member 'x'." }
 * ```
 */
export const refused = (text: string): KanaError => ({ status: 400, text })
