/** What can be asked of the search. */
import { Operation } from "@kanau/core"
import { SearchIndex } from "@kanau/search"
import { Schema } from "effect"
import { Language } from "../vocabulary.ts"

/** What can be found. */
export const kinds = ["vn", "release", "character", "producer", "staff", "tag", "trait"] as const

const Kind = Schema.Literals(kinds).annotate({ identifier: "SearchKind" })

/** Something that was found. */
export const SearchHit = Schema.Struct({
  kind: Kind,
  id: Schema.String,
  /** The title in its original language, or the name, romanised where that script is not Latin. */
  title: Schema.String,
  /** The same in its original script; null where that is the title. */
  alttitle: Schema.NullOr(Schema.String),
  /** Null for what has no language. */
  olang: Schema.NullOr(Language),
  /** How well it matches, from 0 to 1. */
  score: Schema.Finite,
  /** The titles, aliases and other texts that match, in HTML, with what matches in `em`. */
  matches: Schema.Array(Schema.String)
}).annotate({ identifier: "SearchHit" })

const count = Schema.optionalKey(Schema.Int)

/** What was found, the best first, and how much of each kind there is. */
export const SearchAnswer = Schema.Struct({
  hits: Schema.Array(SearchHit),
  totals: Schema.Struct({
    vn: count,
    release: count,
    character: count,
    producer: count,
    staff: count,
    tag: count,
    trait: count
  })
}).annotate({ identifier: "SearchAnswer" })

export class Search extends Operation.define<Search>()("Search", {
  summary: "Find entries by any of their titles and names, the best match first",
  input: {
    /** The words; the last one may be the beginning of a word. */
    q: Schema.String.check(Schema.isMaxLength(SearchIndex.limits.text)),
    /** All kinds when absent. */
    kind: Schema.optionalKey(Schema.Array(Kind).check(Schema.isMaxLength(kinds.length))),
    /** 20 when absent. */
    limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
  },
  output: SearchAnswer
}) {}
