/** Documents of lists, users and tokens, made of their facts. They are for the gateway; nothing shows them as they are. */
import { partialDate } from "../../wiki/pages/values.ts"

/** See `entities/Facts`. */
export interface ListFacts {
  readonly user: string
  readonly vn: string
  /** Seconds since the epoch. */
  readonly added: number
  readonly lastmod: number
  readonly voted: number | null
  readonly vote: number | null
  /** YYYYMMDD */
  readonly started: number | null
  readonly finished: number | null
  readonly notes: string
  readonly labels: ReadonlyArray<{ readonly id: number; readonly label: string; readonly private: boolean }>
  readonly releases: ReadonlyArray<{ readonly id: string; readonly list_status: number }>
}

const votedLabel = 7

/** The members of Kana's `/ulist`, and what its sorts and filters look at. */
export const listDocument = (facts: ListFacts) => {
  const { labels, user, vn, ...rest } = facts
  return {
    page: {
      id: vn,
      ...rest,
      started: partialDate(facts.started),
      finished: partialDate(facts.finished),
      notes: facts.notes === "" ? null : facts.notes,
      labels,
      vn: { id: vn }
    },
    fields: {
      user,
      vn,
      num: Number(vn.slice(1)),
      vote: facts.vote ?? 999,
      voted: facts.voted ?? 1e12,
      added: facts.added,
      lastmod: facts.lastmod,
      started: facts.started ?? 99_999_999,
      finished: facts.finished ?? 99_999_999,
      labels: labels.map(({ id }) => id),
      openlabels: labels.filter((label) => !label.private || label.id === votedLabel).map(({ id }) => id),
      unlabelled: labels.every(({ id }) => id === votedLabel),
      private: labels.every((label) => label.private)
    }
  }
}

export interface ReleaseListFacts {
  readonly user: string
  readonly release: string
  readonly status: number
}

export const releaseListDocument = (facts: ReleaseListFacts) => ({ page: facts, fields: { ...facts } })

export interface UserFacts {
  readonly username: string | null
  readonly lengthvotes: number
  readonly lengthvotes_sum: number
  readonly labels: ReadonlyArray<object>
}

/** `name` is looked up; case does not matter in names of users. */
export const userDocument = (facts: UserFacts, id: string) => ({
  page: { id, ...facts },
  fields: { name: facts.username?.toLowerCase() ?? null }
})

export interface TokenFacts {
  readonly uid: string
  readonly listread: boolean
  readonly listwrite: boolean
}

export const tokenDocument = (facts: TokenFacts) => ({ page: facts, fields: {} })
