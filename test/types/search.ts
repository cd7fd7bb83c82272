/** Queries that ask for what their index does not declare. */
import { Filter, SearchIndex } from "@kanau/search"

const books = SearchIndex.define({
  name: "book",
  searchable: ["title"],
  filterable: ["language", "year"],
  sortable: ["year"]
})
declare const index: SearchIndex.SearchIndexService

index.search(books, {
  filter: Filter.allOf(Filter.is("language", "ja"), Filter.not(Filter.between("year", { atMost: 1999 }))),
  sort: [{ field: "year", direction: "desc" }],
  facets: ["language"],
  highlight: { fields: ["title"] }
})

// error: Type 'Filter<"title">' is not assignable to type 'Filter<"language" | "year">'.
index.search(books, { filter: Filter.is("title", "x") })

// error: Type '"language"' is not assignable to type '"year"'.
index.search(books, { sort: [{ field: "language", direction: "asc" }] })

// error: Type '"title"' is not assignable to type '"language" | "year"'.
index.search(books, { facets: ["title"] })

// error: Type '"year"' is not assignable to type '"title"'.
index.search(books, { highlight: { fields: ["year"] } })
