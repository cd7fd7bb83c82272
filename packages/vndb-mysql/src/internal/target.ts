/** Where a database is, from its URL. */
import { Fault } from "@kanau/core"

export interface Target {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly encrypted: boolean
  /** The address without user and password, for messages. */
  readonly place: string
}

/** Nothing of a URL that is wrong is repeated: it may hold a password. */
export const parse = (url: string): Target | Fault.InvalidInput => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !isScheme(parsed.protocol) || parsed.hostname === "") {
    return wrong("It is no URL like mysql://user:password@host:3306/database.")
  }
  const database = decoded(parsed.pathname.slice(1))
  const user = decoded(parsed.username)
  const password = decoded(parsed.password)
  if (database === undefined || user === undefined || password === undefined) {
    return wrong("It holds a % that starts no code. Write %25 for a % in a user name or password.")
  }
  if (database === "") return wrong("It names no database. Put its name behind the host: mysql://user@host/vndb.")
  if (user === "") return wrong("It names no user. Put the name before the host: mysql://user@host/vndb.")
  const options = [...parsed.searchParams]
  if (options.some(([name, value]) => name !== "ssl" || (value !== "true" && value !== "false"))) {
    return wrong("The only option that may follow the database is ?ssl=true, for an encrypted connection.")
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, "")
  const port = Number(parsed.port || 3306)
  return {
    host,
    port,
    user,
    password,
    database,
    encrypted: parsed.searchParams.get("ssl") === "true",
    place: `${parsed.hostname}:${port}/${database}`
  }
}

export const isScheme = (protocol: string): boolean => protocol === "mysql:" || protocol === "mariadb:"

const wrong = (message: string) => new Fault.InvalidInput({ issues: [{ path: "the URL of MySQL", message }] })

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
