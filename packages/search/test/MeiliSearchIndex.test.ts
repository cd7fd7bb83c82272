import { MeiliSearchIndex } from "@kanau/search/meilisearch"
import { SearchIndexConformance, Servers } from "@kanau/testing"
import { Redacted } from "effect"

const { name: prefix, url } = await Servers.meilisearchPrefix()
const key = process.env["MEILISEARCH_KEY"]

SearchIndexConformance.suite(
  "Meilisearch search index",
  MeiliSearchIndex.layer({ url, prefix, ...(key === undefined ? {} : { apiKey: Redacted.make(key) }) })
)
