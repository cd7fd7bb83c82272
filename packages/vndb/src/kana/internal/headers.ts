/** Headers of answers. */

/** Answers depend on who asks, and on the moment. */
const uncached = { "cache-control": "no-store", vary: "Origin, Authorization" }

/** Facts from VNDB are under this licence, wherever they are shown. */
export const json: Readonly<Record<string, string>> = {
  "content-type": "application/json",
  link: "<https://opendatacommons.org/licenses/odbl/1-0/>; rel=\"license\"",
  ...uncached
}

/** Of what is refused. */
export const text: Readonly<Record<string, string>> = { "content-type": "text/plain; charset=utf-8", ...uncached }

/** What comes with a refusal of this status. */
export const beside: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { "www-authenticate": "Token" },
  503: { "retry-after": "1" }
}

/** Scripts of every site may read the answers, and their headers. */
export const open: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "*"
}

/** The same for one site; browsers want its name when the request says who asks. No cookie is looked at. */
export const openTo = (origin: string | undefined, hasCredentials: boolean): Readonly<Record<string, string>> =>
  origin === undefined || !hasCredentials
    ? open
    : {
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      // With credentials a browser takes the asterisk for a name.
      "access-control-expose-headers":
        "Kanau-Source-Timestamp, Link, RateLimit, RateLimit-Policy, Retry-After, X-Correlation-ID"
    }

/** The answer to a preflight request. */
export const preflight: Readonly<Record<string, string>> = {
  "access-control-allow-methods": "POST, GET, OPTIONS",
  "access-control-allow-headers": "Content-Type, Authorization, Kanau-After",
  "access-control-max-age": "86400"
}
