/**
 * Bus port, consumer runner, retry ladder, inbox port and the embedded bus.
 *
 * @module @kanau/messaging
 */
export * as AsyncApi from "./AsyncApi.ts"
export * as Bus from "./Bus.ts"
export * as BusAdapter from "./BusAdapter.ts"
export * as Consumer from "./Consumer.ts"
export * as DeadLetterStore from "./DeadLetterStore.ts"
export * as Dispositions from "./Dispositions.ts"
export * as EmbeddedBus from "./EmbeddedBus.ts"
export * as Inbox from "./Inbox.ts"
export * as Request from "./Request.ts"
export * as RetryLadder from "./RetryLadder.ts"
export * as ScheduleRunner from "./ScheduleRunner.ts"
export * as ScheduleStore from "./ScheduleStore.ts"
export * as Timetable from "./Timetable.ts"
