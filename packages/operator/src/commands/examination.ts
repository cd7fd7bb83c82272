/** What `doctor` looks at. Nothing here changes anything, and what cannot be looked at is a finding. */
import type { Fault, System } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Database, DeadLetters, Freshness, Ledger, Migrations, Parked } from "@kanau/postgres"
import { Reindex } from "@kanau/search"
import { Generations, type View, ViewStore } from "@kanau/views"
import { Clock, Context, Effect } from "effect"
import { type AllReached, names } from "./checks.ts"
import type { Connections, Deployment, Inspecting, NotSet } from "./deployment.ts"

/** Something an operator should know. `note`: nothing is wrong, but somebody might wonder. */
export interface Finding {
  readonly level: "wrong" | "note"
  readonly what: string
  readonly todo: string
}

/** What was found. */
export interface Examined {
  readonly findings: ReadonlyArray<Finding>
  readonly balances: ReadonlyArray<Ledger.Balance>
}

/** Looks at everything that is reached. */
export const look = (
  deployment: Deployment,
  { missing, reached, since }: {
    readonly reached: AllReached
    readonly missing: Inspecting
    /** Events since then. */
    readonly since: Date
  }
): Effect.Effect<Examined> => {
  const { bus, postgres, search, views } = reached
  const findings: Array<Finding> = unreached(reached)
  const balances: Array<Ledger.Balance> = []
  const section = (what: string, found: Effect.Effect<ReadonlyArray<Finding>, Fault.Fault | NotSet>) =>
    found.pipe(
      Effect.timeoutOrElse({
        duration: "20 seconds",
        orElse: () => Effect.succeed([wrong(what, "no answer in 20 s")])
      }),
      Effect.catch((fault) => Effect.succeed([wrong(what, `it could not be looked at: ${fault.message}`)])),
      Effect.map((all) => void findings.push(...all))
    )
  return Effect.gen(function*() {
    if (postgres._tag === "Reached") {
      const context = postgres.context
      yield* section("the migrations", Effect.provideContext(migrations(deployment), context))
      yield* section("the outbox", Effect.provideContext(parked, context))
      yield* section("the dead letters", Effect.provideContext(deadLetters, context))
    }
    const silent = new Set<string>()
    if (bus._tag === "Reached") {
      yield* section("the queues", Effect.provideContext(queues(deployment.system, silent), bus.context))
    }
    if (bus._tag === "Reached" && postgres._tag === "Reached") {
      const context = Context.merge(postgres.context, bus.context)
      const ledger = Effect.map(Ledger.balances(deployment.accounts, { since }), (all) => {
        balances.push(...all)
        return all.flatMap(({ complaint, queue }) =>
          complaint === undefined || silent.has(queue)
            ? []
            : [wrong(queue, `${complaint}; see the log of its consumer`)]
        )
      })
      yield* section("the ledger", Effect.provideContext(ledger, context))
    }
    if (views._tag === "Reached" && postgres._tag === "Reached") {
      const context = Context.merge(postgres.context, views.context)
      const unprepared = Effect.provideContext(collections(deployment.views, missing), context)
      yield* section("the collections of the views", unprepared)
      yield* section("the views", Effect.provideContext(documents(deployment), context))
      yield* section("the lag of the views", Effect.provideContext(lag(deployment.views), context))
    }
    if (search._tag === "Reached") {
      yield* section("the search indexes", Effect.provideContext(indexes(deployment), search.context))
    }
    return { findings, balances }
  })
}

const wrong = (what: string, todo: string): Finding => ({ level: "wrong", what, todo })
const note = (what: string, todo: string): Finding => ({ level: "note", what, todo })

const unreached = (reached: AllReached): Array<Finding> =>
  Object.entries(reached).flatMap(([name, one]) =>
    one._tag === "Failed"
      ? [wrong(names[name as keyof Connections], `${one.reason}; start it, or mend the setting that names it`)]
      : []
  )

const migrations = (deployment: Deployment) =>
  Effect.map(
    Database.faults(Migrations.pending(...deployment.migrations)).pipe(
      Effect.catchTag("MigrationError", ({ message }) => Effect.succeed([message]))
    ),
    (pending) =>
      pending.length === 0
        ? []
        : [
          wrong(
            `${pending.length} migrations are pending (${pending.slice(0, 3).join(", ")}${
              pending.length > 3 ? ", …" : ""
            })`,
            "start a role of this version that runs them"
          )
        ]
  )

const parked = Effect.map(
  Parked.list({ limit: 10 }),
  (all) =>
    all.filter(({ state }) => state === "dead").map(({ position, reason, subject }) =>
      wrong(
        `outbox: the event at ${position} was given up (${reason}) and holds ${subject} back`,
        "`outbox retry` or `outbox discard`"
      )
    )
)

const deadLetters = Effect.map(
  DeadLetters.groups(),
  (all) =>
    all.map(({ fault, letters, queue, sample, type }) =>
      wrong(`dead letters: ${letters} ${type} on ${queue} failed with ${fault}`, `look at \`dlq show ${sample}\``)
    )
)

/** Queues without a consumer, and dead letters nobody has collected. `silent` gets the queues that were complained of. */
const queues = (system: System.System, silent: Set<string>) =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const all = Object.entries(system.roles).flatMap(([role, parts]) =>
      parts.flatMap((part) => part.kind === "queue" ? [{ role, queue: part.queue }] : [])
    )
    const found = yield* Effect.forEach(all, ({ queue, role }) =>
      Effect.map(bus.status(queue), (status): ReadonlyArray<Finding> => {
        const unheard = status === undefined || status.consumers === 0
        if (unheard) {
          silent.add(queue)
        }
        return [
          ...unheard
            ? [wrong(
              status === undefined
                ? `nobody has declared ${queue}`
                : `nobody consumes ${queue}, ${status.ready} messages wait`,
              `start the role ${role}`
            )]
            : [],
          ...status !== undefined && status.deadLetters > 0
            ? [wrong(
              `${status.deadLetters} dead letters of ${queue} are still with the broker`,
              "start the role that collects dead letters, then look at `dlq groups`"
            )]
            : []
        ]
      }))
    return found.flat()
  })

const collections = (views: ReadonlyArray<View.View<unknown>>, missing: Inspecting) =>
  Effect.gen(function*() {
    const all = yield* Effect.forEach(views, ({ name, shape }) =>
      Effect.map(Generations.read(name), (known) =>
        Generations.targets(name, known).map((collection) => ({ name: collection, shape }))))
    return (yield* missing(all.flat())).map((what) =>
      wrong(`${what} is missing`, "start the view-manager of this version, which makes it")
    )
  })

const documents = ({ rebuilding, views }: Deployment) =>
  Effect.gen(function*() {
    const store = yield* ViewStore.ViewStore
    const found = yield* Effect.forEach(views, (view) =>
      Effect.gen(function*() {
        const { name } = view
        const { building, live, previous } = yield* Generations.read(name)
        const isEmpty = (yield* store.count(Generations.collection(name, live))) === 0
        const findings: Array<Finding> = []
        if (isEmpty && (yield* view.keys(undefined, 1)).length > 0) {
          findings.push(
            wrong(`nothing is shown of ${name}`, `start the view-manager, then \`view refresh ${name} --all\``)
          )
        }
        if (building !== null) {
          findings.push(note(
            `generation ${building} of ${name} is being built, or its rebuild was interrupted`,
            `\`view rebuild ${name}\` goes on with it, with help of those who consume ${rebuilding}; \`view abandon ${name}\` gives it up`
          ))
        }
        if (previous !== null) {
          findings.push(note(
            `generation ${previous} of ${name} is kept for a rollback, and written with every change`,
            `\`view drop-previous ${name}\` when it is not needed`
          ))
        }
        return findings
      }))
    return found.flat()
  })

/** An event is applied within a second as a rule. */
const patienceSeconds = 60

const lag = (views: ReadonlyArray<View.View<unknown>>) =>
  Effect.map(
    Freshness.look(views),
    (lags) =>
      lags.filter(({ oldestSeconds }) => oldestSeconds > patienceSeconds).map(({ behind, oldestSeconds, view }) =>
        wrong(
          `${view} is ${behind} events behind, the oldest of ${Math.round(oldestSeconds)} s ago`,
          `see the log of the view-manager and \`dlq groups\`; \`view refresh ${view} --all\` brings it up to date`
        )
      )
  )

const indexes = ({ sources }: Deployment) =>
  Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    return Object.entries(yield* Reindex.status(sources)).flatMap(([index, { failedTasks, reindexing }]) => [
      ...failedTasks > 0
        ? [note(
          `the search engine remembers ${failedTasks} writes to ${index} that it did not carry out`,
          `see its list of tasks; \`search reindex ${index}\` if documents are missing`
        )]
        : [],
      ...reindexing === undefined
        ? []
        : now - reindexing.updatedAt > patienceSeconds * 1000
        ? [wrong(`the reindexing of ${index} was cut off`, `\`search reindex ${index}\` does it again`)]
        : [note(`${index} is being reindexed, ${reindexing.done} of ${reindexing.total}`, "wait for it")]
    ])
  })
