export * as MongoViewStore from "./MongoViewStore.ts"
