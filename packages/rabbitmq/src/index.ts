export * as RabbitBus from "./RabbitBus.ts"
