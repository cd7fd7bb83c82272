/**
 * The view store on MongoDB.
 *
 * @module @kanau/mongodb
 */
export * as MongoViewStore from "./MongoViewStore.ts"
