/**
 * Bearer tokens from configuration, for roles whose users are a handful of known programs. Tokens are kept as SHA-256
 * digests and compared in constant time, all of them every time, so the time of an answer tells nothing.
 */
import type { Principal } from "@kanau/core"
import { Config, Redacted, Schema } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"

/** A token and whom it stands for. */
export interface Credential {
  readonly name: string
  readonly token: Redacted.Redacted
}

/**
 * Credentials from a configuration value such as `ada:3q2…,bob:9fK…`: names and tokens, joined with colons, separated
 * by commas.
 */
export const config = (name: string): Config.Config<ReadonlyArray<Credential>> =>
  Config.schema(Schema.RedactedFromValue(Credentials), name).pipe(
    Config.map((list) =>
      Redacted.value(list).split(",").map((entry) => {
        const [who = "", token = ""] = entry.split(":")
        return { name: who, token: Redacted.make(token) }
      })
    )
  )

const Credentials = Schema.String.check(Schema.isPattern(/^[\w.-]+:[^:,\s]{16,}(,[\w.-]+:[^:,\s]{16,})*$/, {
  expected: "a list such as name:token,name:token with tokens of at least 16 characters"
}))

/** Finds out who sent an `authorization` header. */
export type BearerAuth = (authorization: string | undefined) => Principal.Principal | undefined

/** Knows exactly these tokens; a token shorter than 16 characters is refused as a mistake. */
export const make = (credentials: ReadonlyArray<Credential>): BearerAuth => {
  const known = credentials.map(({ name, token }) => {
    const value = Redacted.value(token)
    if (value.length < 16) throw new Error(`The token of ${name} is too short; use at least 16 random characters`)
    return { principal: { name }, digest: digest(value) }
  })
  return (authorization) => {
    const token = authorization === undefined ? undefined : bearer.exec(authorization)?.[1]
    if (token === undefined) return undefined
    const presented = digest(token)
    let found: Principal.Principal | undefined
    for (const one of known) if (timingSafeEqual(one.digest, presented)) found = one.principal
    return found
  }
}

const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i

const digest = (token: string): Buffer => createHash("sha256").update(token).digest()
