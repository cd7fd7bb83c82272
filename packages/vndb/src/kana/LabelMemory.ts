/**
 * The labels of one kind of entries, in memory for as long as this process hears of every change to them, so that a search
 * need not go through all documents of the store.
 *
 * They are read when they are first asked for, in the background. Until then, and whenever they cannot be trusted or would
 * take too much memory, there are none and the store has to be asked. Entries that have changed are read again before the
 * next answer. All are read again every ten minutes, so that a change whose announcement was lost shows by then.
 */
import type { ViewGateway } from "@kanau/http"
import { Clock, Effect, Exit, type Scope, Semaphore } from "effect"
import { type Found, LabelIndex } from "./LabelIndex.ts"
import type { Trouble } from "./Store.ts"

/** Where labels are read. */
export interface Source {
  /** Those of some entries; entries that are gone are left out. */
  readonly some: (ids: ReadonlyArray<string>) => Effect.Effect<Found, Trouble>
  /** Those of the next entries in the order of numbers, from this number on, and where to go on; at the end nowhere. */
  readonly from: (num: number) => Effect.Effect<{ readonly found: Found; readonly next: number | undefined }, Trouble>
}

/** Labels that follow what a gateway hears. */
export interface LabelMemory extends ViewGateway.Follower {
  /** All labels as they are now; nothing when the store has to be asked. */
  readonly current: Effect.Effect<LabelIndex | undefined, Trouble>
}

interface Copy {
  readonly index: LabelIndex
  /** Entries that are not as `index` has them. */
  readonly changed: Set<string>
  /** Milliseconds since 1970. */
  readonly since: number
}

/** Bounds of what is kept. */
export interface Options {
  /** Most bytes that labels may take; 64 MiB. */
  readonly maxBytes?: number
}

const longestMillis = 600_000

/** Entries that may have changed before reading all of them again is less work. */
const mostChanged = 2000

/**
 * Labels of a kind, until the scope closes.
 *
 * @example
 * ```ts
 * import * as LabelMemory from "@kanau/vndb/kana/LabelMemory"
 * import { Effect } from "effect"
 *
 * const source = { some: () => Effect.succeed(new Map()), from: () => Effect.succeed({ found: new Map(), next: undefined }) }
 * const current = Effect.flatMap(LabelMemory.make(source), (memory) => memory.current)
 * await Effect.runPromise(Effect.scoped(current)) // => undefined
 * ```
 */
export const make = (
  source: Source,
  { maxBytes = 64 * 2 ** 20 }: Options = {}
): Effect.Effect<LabelMemory, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const oneAtATime = yield* Semaphore.make(1)
    let isOpen = false
    let isLoading = false
    let isTooLarge = false
    let isReading = false
    let shown: Copy | undefined
    let next: Copy | undefined

    const readFrom = (fresh: Copy, num: number): Effect.Effect<void, Trouble> =>
      Effect.flatMap(source.from(num), (page) => {
        for (const [id, labels] of page.found) fresh.index.set(id, labels)
        if (fresh.index.bytes > maxBytes) {
          isTooLarge = true
          return Effect.logWarning(`Labels take more than ${maxBytes} bytes and are left to the store`)
        }
        if (next !== fresh) return Effect.void
        if (page.next !== undefined) return readFrom(fresh, page.next)
        shown = fresh
        return Effect.void
      })
    const load = Effect.flatMap(Clock.currentTimeMillis, (since) => {
      next = { index: new LabelIndex(), changed: new Set(), since }
      return readFrom(next, 0)
    }).pipe(
      Effect.catch((error) => Effect.logWarning("Labels could not be read, the next search tries again", error)),
      Effect.ensuring(Effect.sync(() => {
        isLoading = false
        next = undefined
      }))
    )
    const startLoading = Effect.suspend(() => {
      if (isLoading || isTooLarge) return Effect.void
      isLoading = true
      return Effect.asVoid(Effect.forkIn(load, scope))
    })

    /** Reads what has changed. A search that comes meanwhile waits for it too. */
    const broughtUpToDate = (copy: Copy) =>
      oneAtATime.withPermits(1)(Effect.suspend(() => {
        const ids = [...copy.changed]
        if (ids.length === 0) return Effect.void
        copy.changed.clear()
        isReading = true
        return source.some(ids).pipe(
          Effect.map((found) => ids.forEach((id) => copy.index.set(id, found.get(id)))),
          Effect.onExit((exit) =>
            Effect.sync(() => {
              isReading = false
              if (Exit.isFailure(exit)) ids.forEach((id) => copy.changed.add(id))
            })
          )
        )
      })).pipe(Effect.map(() => copy === shown ? copy.index : undefined))

    const forgetAll = () => {
      shown = undefined
      next = undefined
      isTooLarge = false
    }
    return {
      setOpen: (open) => {
        isOpen = open
        forgetAll()
      },
      clear: forgetAll,
      forget: (id) => {
        next?.changed.add(id)
        shown?.changed.add(id)
        if (next !== undefined && next.changed.size > mostChanged) next = undefined
        if (shown !== undefined && shown.changed.size > mostChanged) shown = undefined
      },
      current: Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (!isOpen) return Effect.undefined
        const copy = shown
        if (copy === undefined) return Effect.as(startLoading, undefined)
        const current = copy.changed.size === 0 && !isReading ? Effect.succeed(copy.index) : broughtUpToDate(copy)
        return now - copy.since > longestMillis ? Effect.andThen(startLoading, current) : current
      })
    }
  })
