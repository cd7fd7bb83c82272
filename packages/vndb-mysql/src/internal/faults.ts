/** What MySQL and its client complain about, in plain words. Their own messages name users and values: they are not repeated. */
import { Fault } from "@kanau/core"

/** What reading a database can end with. */
export type ReadFault = Fault.InvalidInput | Fault.Unavailable

export const invalid = (path: string, message: string): Fault.InvalidInput =>
  new Fault.InvalidInput({ issues: [{ path, message }] })

/** The fault of an error at a place: the address of the database, with the table that was read. */
export const toFault = (place: string) => (cause: unknown): ReadFault => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""
  const refusal = refusals[code]
  if (refusal !== undefined) return invalid(place, refusal)
  // Whatever the server refused carries its state of SQL; the rest is about the connection.
  const refused = typeof cause === "object" && cause !== null && "sqlState" in cause
  if (refused && !passing.has(code)) return invalid(place, `MySQL refuses to read it (${code}).`)
  return new Fault.Unavailable({
    dependency: "mysql",
    reason: `${place}: ${losses[code] ?? `the connection failed (${code})`}. ${advice}`
  })
}

const advice = "Look whether the server runs and is reached at this address, then start again"

const login = "The user or the password is wrong, or this user may not log in from this machine."
const grants = "This user may not read it. Let somebody GRANT SELECT and SHOW VIEW on the database."
const changed = "It was changed while it was read, or a view names what is not there. Look at it, then start again."
const certificate = "The certificate of the server is not trusted. Add its authority to NODE_EXTRA_CA_CERTS."

const refusals: Readonly<Record<string, string>> = {
  ER_ACCESS_DENIED_ERROR: login,
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: login,
  ER_HOST_NOT_PRIVILEGED: login,
  ER_BAD_DB_ERROR: "The server has no such database. Correct the name behind the host.",
  ER_DBACCESS_DENIED_ERROR:
    "There is no such database, or this user may not read it. Correct the name, or GRANT SELECT.",
  ER_TABLEACCESS_DENIED_ERROR: grants,
  ER_COLUMNACCESS_DENIED_ERROR: grants,
  ER_NO_SUCH_TABLE: changed,
  ER_BAD_FIELD_ERROR: changed,
  ER_TABLE_DEF_CHANGED: changed,
  ER_VIEW_INVALID: changed,
  HANDSHAKE_NO_SSL_SUPPORT: "The server offers no encrypted connections. Leave out ?ssl=true.",
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate,
  SELF_SIGNED_CERT_IN_CHAIN: certificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate,
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate of the server is that of another host. Use the name that stands in it."
}

/** Refusals that end by themselves. */
const passing = new Set([
  "ER_CON_COUNT_ERROR",
  "ER_TOO_MANY_USER_CONNECTIONS",
  "ER_SERVER_SHUTDOWN",
  "ER_QUERY_INTERRUPTED",
  "ER_CONNECTION_KILLED",
  "ER_LOCK_WAIT_TIMEOUT"
])

const losses: Readonly<Record<string, string>> = {
  "": "the connection was lost",
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "there is no such host, or the network has no name server",
  ETIMEDOUT: "nothing answers",
  PROTOCOL_CONNECTION_LOST: "the connection was lost",
  ECONNRESET: "the connection was lost",
  EPIPE: "the connection was lost",
  ER_CON_COUNT_ERROR: "the server has too many connections"
}
