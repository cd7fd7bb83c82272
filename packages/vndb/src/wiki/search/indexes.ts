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
