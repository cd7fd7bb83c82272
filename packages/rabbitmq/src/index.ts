/**
 * The bus on RabbitMQ.
 *
 * @module @kanau/rabbitmq
 */
export * as RabbitBus from "./RabbitBus.ts"
