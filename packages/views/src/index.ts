export * as ViewStore from "./ViewStore.ts"
