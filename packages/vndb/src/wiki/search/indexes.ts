/** The search indexes of the wiki: what is searched, filtered, and what decides between equally good hits. */
import { SearchIndex } from "@kanau/search"

/** Visual novels, found by their titles, aliases, and the titles of their releases, the more voted-for first. */
export const vnIndex = SearchIndex.define({
  name: "vn",
  searchable: ["titles", "aliases", "releases"],
  filterable: ["olang", "languages", "length", "devstatus", "rating", "votecount"],
  sortable: ["title", "rating", "votecount"],
  ranking: [{ field: "votecount", direction: "desc" }]
})

/** Releases, found by their titles, catalogue number, and the titles of their visual novels. */
export const releaseIndex = SearchIndex.define({
  name: "release",
  searchable: ["titles", "catalog", "vns"],
  filterable: ["olang", "languages", "released", "minage", "official", "patch", "freeware", "has_ero"],
  sortable: ["title", "released"],
  ranking: [{ field: "votecount", direction: "desc" }, { field: "released", direction: "desc" }]
})

/** Entries that have names instead of titles; `weight` decides between equally good hits. */
const names = (name: string) =>
  SearchIndex.define({
    name,
    searchable: ["names", "aliases"],
    filterable: ["olang", "weight"],
    sortable: ["title", "weight"],
    ranking: [{ field: "weight", direction: "desc" }]
  })

/** Characters, those of the more voted-for visual novels first. */
export const characterIndex = names("character")
/** Producers, those with more releases first. */
export const producerIndex = names("producer")
/** Staff by each of their names, `s1.12`, those with more credits first. */
export const staffIndex = names("staff")
/** Tags, those of more visual novels first. */
export const tagIndex = names("tag")
/** Traits, those of more characters first. */
export const traitIndex = names("trait")
