/** What the public API shows: the schemas of the view documents, as OpenAPI publishes them. */
import { Schema } from "effect"
import { Language, ReleaseId, ReleaseType, VnId } from "./vocabulary.ts"

const nullable = Schema.NullOr

const LanguageTitle = Schema.Struct({
  lang: Language,
  mtl: Schema.Boolean,
  title: Schema.String,
  latin: nullable(Schema.String)
}).annotate({ identifier: "LanguageTitle" })

/** The public page of a visual novel. */
export const PublicVn = Schema.Struct({
  id: VnId,
  revision: Schema.Int,
  /** The title in its original language, romanised where that script is not Latin. */
  title: Schema.String,
  /** The same in its original script; null where that is the title. */
  alttitle: nullable(Schema.String),
  olang: Language,
  titles: Schema.Array(Schema.Struct({
    lang: Language,
    title: Schema.String,
    latin: nullable(Schema.String),
    official: Schema.Boolean,
    main: Schema.Boolean
  })),
  aliases: Schema.Array(Schema.String),
  length: Schema.Int,
  devstatus: Schema.Int,
  description: nullable(Schema.String),
  image: nullable(Schema.String),
  votecount: Schema.Int,
  /** 100 to 1000. */
  rating: nullable(Schema.Int),
  releases: Schema.Array(Schema.Struct({
    id: ReleaseId,
    title: Schema.String,
    alttitle: nullable(Schema.String),
    type: ReleaseType,
    released: Schema.Int,
    official: Schema.Boolean,
    patch: Schema.Boolean,
    freeware: Schema.Boolean,
    minage: nullable(Schema.Int),
    languages: Schema.Array(LanguageTitle)
  }))
}).annotate({ identifier: "PublicVn" })

/** The public page of a release. */
export const PublicRelease = Schema.Struct({
  id: ReleaseId,
  revision: Schema.Int,
  title: Schema.String,
  alttitle: nullable(Schema.String),
  olang: Language,
  languages: Schema.Array(LanguageTitle),
  released: Schema.Int,
  official: Schema.Boolean,
  patch: Schema.Boolean,
  freeware: Schema.Boolean,
  has_ero: Schema.Boolean,
  minage: nullable(Schema.Int),
  notes: nullable(Schema.String),
  vns: Schema.Array(Schema.Struct({
    id: VnId,
    type: ReleaseType,
    title: Schema.String,
    alttitle: nullable(Schema.String)
  }))
}).annotate({ identifier: "PublicRelease" })
