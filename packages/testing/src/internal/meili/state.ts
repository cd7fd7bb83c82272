/** Indexes, and the queue of tasks that changes them: one at a time, in the order they were asked for. */
import { Effect, type Fiber } from "effect"
import { bodyOf, MeiliError } from "./errors.ts"
import { defaults } from "./settings.ts"
import type { Json, JsonObject } from "./values.ts"

export class Index {
  uid: string
  primaryKey: string | null
  readonly documents = new Map<string, JsonObject>()
  settings: JsonObject = defaults()
  readonly createdAt = new Date().toISOString()
  updatedAt = this.createdAt

  constructor(uid: string, primaryKey: string | null) {
    this.uid = uid
    this.primaryKey = primaryKey
  }

  get info(): JsonObject {
    return { uid: this.uid, createdAt: this.createdAt, updatedAt: this.updatedAt, primaryKey: this.primaryKey }
  }
}

/** An answer: its status and its body. */
export type Answer = readonly [status: number, body: Json]

interface Task {
  readonly uid: number
  readonly indexUid: string | null
  status: "enqueued" | "processing" | "succeeded" | "failed" | "canceled"
  readonly type: string
  details: JsonObject
  error: JsonObject | null
  readonly enqueuedAt: string
  startedAt: string | null
  finishedAt: string | null
  readonly work: () => JsonObject | void
}

export class State {
  readonly indexes = new Map<string, Index>()
  readonly #tasks: Array<Task> = []
  readonly #taskMillis: number
  #next = 0
  #isBusy = false
  #waiting: Fiber.Fiber<void> | undefined

  constructor(taskMillis: number) {
    this.#taskMillis = taskMillis
  }

  /** An index that is there; otherwise the error Meilisearch answers with. */
  index(uid: string): Index {
    const found = this.indexes.get(uid)
    if (found === undefined) throw new MeiliError(404, "index_not_found", `Index \`${uid}\` not found.`)
    return found
  }

  /** The index; made, when it is not there. */
  indexOrNew(uid: string): Index {
    const found = this.indexes.get(uid) ?? new Index(uid, null)
    this.indexes.set(uid, found)
    return found
  }

  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Notes a write down; `work` does it later, and changes nothing when it throws. */
  enqueue(indexUid: string | null, type: string, details: JsonObject, work: () => JsonObject | void): Answer {
    const task: Task = {
      uid: this.#tasks.length,
      indexUid,
      status: "enqueued",
      type,
      details,
      error: null,
      enqueuedAt: new Date().toISOString(),
      startedAt: null,
      finishedAt: null,
      work
    }
    this.#tasks.push(task)
    this.resume()
    return [202, { taskUid: task.uid, indexUid, status: "enqueued", type, enqueuedAt: task.enqueuedAt }]
  }

  /** Carries on with the queue. */
  resume(): void {
    if (this.#isBusy || this.#next === this.#tasks.length) return
    this.#isBusy = true
    const work = Effect.sync(() => {
      this.#isBusy = false
      const task = this.#tasks[this.#next++]
      if (task?.status === "enqueued") carryOut(task)
      this.resume()
    })
    this.#waiting = Effect.runFork(Effect.delay(work, this.#taskMillis))
  }

  /** Stops working; what is noted down stays. */
  pause(): void {
    this.#waiting?.interruptUnsafe()
    this.#isBusy = false
  }

  cancel(matches: (task: JsonObject) => boolean): number {
    const hit = this.#tasks.filter((task) => task.status === "enqueued" && matches(shown(task)))
    for (const task of hit) task.status = "canceled"
    return hit.length
  }

  task(uid: number): JsonObject | undefined {
    const task = this.#tasks[uid]
    return task && shown(task)
  }

  get tasks(): ReadonlyArray<JsonObject> {
    return this.#tasks.map(shown)
  }
}

const carryOut = (task: Task): void => {
  const startedAt = new Date()
  task.startedAt = startedAt.toISOString()
  try {
    task.details = { ...task.details, ...task.work() }
    task.status = "succeeded"
  } catch (error) {
    task.status = "failed"
    task.error = { ...bodyOf(error) }
  }
  task.finishedAt = new Date().toISOString()
}

const shown = ({ work: _, ...task }: Task): JsonObject => ({
  ...task,
  batchUid: task.uid,
  canceledBy: null,
  duration: task.startedAt === null || task.finishedAt === null
    ? null
    : `PT${(Date.parse(task.finishedAt) - Date.parse(task.startedAt)) / 1000}S`
})
