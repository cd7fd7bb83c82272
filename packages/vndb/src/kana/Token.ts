/**
 * Tokens as clients write them: 20 random bytes as 32 letters (z-base-32) in seven groups. They are known here by a digest
 * alone, so whoever reads the database cannot use them.
 */
import { Result } from "effect"
import { createHash } from "node:crypto"
import type { KanaError } from "./KanaError.ts"

const alphabet = "ybndrfg8ejkmcpqxot1uwisza345h769"
const groups = [4, 5, 5, 4, 5, 5, 4]

/** How many random bytes make a token. */
export const size = 20

/**
 * The token that 20 bytes make.
 *
 * @example
 * ```ts
 * import * as Token from "@kanau/vndb/kana/Token"
 *
 * Token.format(new Uint8Array(20)) // => "yyyy-yyyyy-yyyyy-yyyy-yyyyy-yyyyy-yyyy"
 * ```
 */
export const format = (bytes: Uint8Array): string => {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("")
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join("")
  let at = 0
  return groups.map((length) => letters.slice(at, at += length)).join("-")
}

/**
 * What a token is known by: the SHA-256 of its bytes, in hex.
 *
 * @example
 * ```ts
 * import * as Token from "@kanau/vndb/kana/Token"
 *
 * Token.digest(new Uint8Array(20)).slice(0, 8) // => "de47c9b2"
 * ```
 */
export const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/**
 * The digest of the token in an `Authorization` header; null without a header. The scheme may be written in any case, and
 * dashes may be left out.
 *
 * @example
 * ```ts
 * import * as Token from "@kanau/vndb/kana/Token"
 * import { Result } from "effect"
 *
 * Result.getOrThrow(Token.fromHeader("TOKEN yyyy-yyyyy-yyyyy-yyyy-yyyyy-yyyyy-yyyy")) === Token.digest(new Uint8Array(20)) // => true
 * Result.getOrThrow(Result.flip(Token.fromHeader("Token abc"))).text // => "Invalid token format."
 * ```
 */
export const fromHeader = (header: string | undefined): Result.Result<string | null, KanaError> => {
  if (header === undefined) return Result.succeed(null)
  const written = /^token\s+(\S+)\s*$/i.exec(header)?.[1]
  if (written === undefined) return Result.fail(unauthorized("Invalid Authorization header format."))
  const bytes = bytesOf(written.replaceAll("-", "").toLowerCase())
  return bytes === undefined ? Result.fail(unauthorized("Invalid token format.")) : Result.succeed(digest(bytes))
}

/**
 * A request that must say who asks, or says so wrongly.
 *
 * @example
 * ```ts
 * import * as Token from "@kanau/vndb/kana/Token"
 *
 * Token.unauthorized("Unauthorized") // => { status: 401, text: "Unauthorized" }
 * ```
 */
export const unauthorized = (text: string): KanaError => ({ status: 401, text })

const bytesOf = (letters: string): Uint8Array | undefined => {
  const values = [...letters].map((letter) => alphabet.indexOf(letter))
  if (values.length !== 32 || values.includes(-1)) return undefined
  const bits = values.map((value) => value.toString(2).padStart(5, "0")).join("")
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (eight) => Number.parseInt(eight, 2))
}
