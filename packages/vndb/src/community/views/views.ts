/**
 * The views of lists, users and tokens: what the gateway must know to answer for people. Rows of lists say nothing of their
 * visual novels, which change often and are on thousands of lists; the gateway asks the pages of these.
 */
import { Database } from "@kanau/postgres"
import { View } from "@kanau/views"
import { Effect } from "effect"
import { type DocumentName, documents } from "../../kana/documents.ts"
import { allOf } from "../../wiki/events.ts"
import * as Facts from "../entities/Facts.ts"
import { ListChanged, TokenCreated, TokenRevoked, UserChanged, UserDeleted } from "../events.ts"
import * as Documents from "./documents.ts"

const deriveWith =
  <A>(kind: Facts.Kind, render: (facts: A, id: string) => { readonly page: object; readonly fields: object }) =>
  (ids: ReadonlyArray<string>) =>
    Effect.map(
      Database.faults(Facts.findFacts<A>({ kind, ids })),
      (rows) =>
        rows.map(({ facts, id, version }): View.Derived => {
          if (facts === null) return { id, version, revision: 0, json: null, fields: {} }
          const { fields, page } = render(facts, id)
          // Of the shape that is declared below.
          return { id, version, revision: 0, json: JSON.stringify(page), fields: fields as View.Derived["fields"] }
        })
    )

const keysOf = (kind: Facts.Kind) => (after: string | undefined, limit: number) =>
  Database.faults(Facts.allIds({ kind, after, limit }))

const typesOf = (name: DocumentName) =>
  Object.fromEntries(Object.entries(documents[name]).map(([field, { type }]) => [field, type]))

const rowsWith = (input: Parameters<typeof Facts.rowsWithReleases>[0]) =>
  input.releases.length === 0 ? Effect.succeed([]) : Database.faults(Facts.rowsWithReleases(input))

/** What a list says of a visual novel, `u2.v17`, with the releases of it that its owner has. */
export const ListView = View.define({
  name: "ulist",
  dependsOn: [
    View.on([ListChanged], ({ releases, user, vns }) =>
      Effect.map(
        rowsWith({ releases, vns: [], user }),
        (rows) => [...new Set([...vns.map((vn) => `${user}.${vn}`), ...rows])]
      )),
    View.on(
      allOf("release"),
      ({ id, touched }) => rowsWith({ releases: [id], vns: touched.filter((one) => one.startsWith("v")) })
    )
  ],
  derive: deriveWith("ulist", Documents.listDocument),
  keys: keysOf("ulist"),
  fields: typesOf("ulist"),
  indexes: [["user"]]
})

/** That a release is on a list, `u2.r5`. */
export const ReleaseListView = View.define({
  name: "rlist",
  dependsOn: [
    View.on([ListChanged], ({ releases, user }) => Effect.succeed(releases.map((release) => `${user}.${release}`)))
  ],
  derive: deriveWith("rlist", Documents.releaseListDocument),
  keys: keysOf("rlist"),
  fields: typesOf("rlist"),
  indexes: [["user"]]
})

/** Names, sums and labels. */
export const UserView = View.define({
  name: "user",
  dependsOn: [
    View.on([ListChanged], ({ user }) => Effect.succeed([user])),
    View.on([UserChanged, UserDeleted], ({ id }) => Effect.succeed([id]))
  ],
  derive: deriveWith("user", Documents.userDocument),
  keys: keysOf("user"),
  fields: { name: "text" },
  indexes: [["name"]]
})

/** Whose token it is and what it allows, by its digest. */
export const TokenView = View.define({
  name: "token",
  dependsOn: [View.on([TokenCreated, TokenRevoked], ({ id }) => Effect.succeed([id]))],
  derive: deriveWith("token", Documents.tokenDocument),
  keys: keysOf("token")
})

export const views = [ListView, ReleaseListView, UserView, TokenView] as const
