import { MemoryViewStore, ViewStoreConformance } from "@kanau/testing"

ViewStoreConformance.suite("View store in memory", MemoryViewStore.layer)
