import { EmbeddedSearchIndex } from "@kanau/search/embedded"
import { SearchIndexConformance } from "@kanau/testing"

SearchIndexConformance.suite("Embedded search index", EmbeddedSearchIndex.layer)
