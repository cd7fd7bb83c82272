/** Errors as Meilisearch words them. */
export class MeiliError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }

  get body(): ErrorBody {
    return {
      message: this.message,
      code: this.code,
      type: this.status === 401 || this.status === 403 ? "auth" : this.status >= 500 ? "internal" : "invalid_request",
      link: `https://docs.meilisearch.com/errors#${this.code}`
    }
  }
}

export interface ErrorBody {
  readonly message: string
  readonly code: string
  readonly type: string
  readonly link: string
}

/** Whatever was thrown, as an answer. */
export const bodyOf = (error: unknown): ErrorBody =>
  error instanceof MeiliError
    ? error.body
    : new MeiliError(500, "internal", error instanceof Error ? error.message : String(error)).body
