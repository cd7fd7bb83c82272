import type { HotDocument } from "./hotDocument.ts"

interface Entry {
  readonly hot: HotDocument
  /** The moment its load began. */
  readonly since: number
  readonly expiresAt: number
  /** Asked for since eviction last looked at it. */
  used: boolean
}

/** What a load found; nothing when there is no such document. */
export type Loaded = HotDocument | undefined

interface Flight {
  readonly since: number
  readonly result: Promise<Loaded>
}

/** What comes before what, in this process: grows whenever something happens that reads may have to come after. */
export interface Moments {
  now: number
}

/**
 * View documents in memory, bounded by bytes. It may only be trusted while the process hears every change: it starts
 * closed, and whenever it is closed it forgets everything. What was being loaded when its key changed is handed to
 * those who wait, and not kept.
 *
 * A reader may ask for a document that was loaded not before a moment. Entries and loads that began earlier are then
 * passed over, and what the reader loads itself takes their place.
 *
 * What has to make room is found by CLOCK: in the order of arrival, but what was used since it was last looked at gets
 * another turn. A hit costs one write.
 */
export class HotCache {
  readonly #entries = new Map<string, Entry>()
  readonly #flights = new Map<string, Flight>()
  readonly #capacity: number
  readonly #moments: Moments
  #ticks = 0
  #hits = 0
  #bytes = 0
  #open = false

  /** `capacity` in bytes: all forms of the documents and what they cost beside. */
  constructor(capacity: number, moments: Moments) {
    this.#capacity = capacity
    this.#moments = moments
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes
  }

  /** The document, if it is here and was loaded not before the moment `since`. */
  get(key: string, since: number): HotDocument | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.since < since) return undefined
    if (entry.expiresAt > this.#ticks) {
      entry.used = true
      this.#hits++
      return entry.hot
    }
    this.#remove(key)
    return undefined
  }

  /**
   * Runs `load`, or joins one of the same key that is under way and began not before `since`; keeps the result if the
   * key did not change meanwhile.
   */
  load(key: string, since: number, load: () => Promise<Loaded>): Promise<Loaded> {
    const running = this.#flights.get(key)
    if (running !== undefined && running.since >= since) return running.result
    const began = this.#moments.now
    const expiresAt = this.#ticks + longestTicks
    const result = load().then((hot) => {
      if (this.#flights.get(key) === flight && this.#open && hot !== undefined) {
        this.#keep(key, { hot, since: began, expiresAt, used: false })
      }
      return hot
    }).finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    })
    const flight = { since: began, result }
    this.#flights.set(key, flight)
    return result
  }

  /** A second has passed. Reading a clock at every request would cost more than the look-up. */
  tick(): void {
    this.#ticks++
  }

  /** How many documents were found here since it was last asked. */
  takeHits(): number {
    const hits = this.#hits
    this.#hits = 0
    return hits
  }

  /** The document may have changed. */
  forget(key: string): void {
    this.#flights.delete(key)
    this.#remove(key)
  }

  /** Every document may have changed. */
  clear(): void {
    this.#flights.clear()
    this.#entries.clear()
    this.#bytes = 0
  }

  /** Opens or closes the cache; either way, what was remembered before is gone. */
  setOpen(open: boolean): void {
    this.#open = open
    this.clear()
  }

  #keep(key: string, kept: Entry): void {
    this.#remove(key)
    if (kept.hot.size > this.#capacity) return
    this.#entries.set(key, kept)
    this.#bytes += kept.hot.size
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#capacity) break
      if (entry.used) {
        // Back to the end, which this loop may reach: by then it has no more turns.
        entry.used = false
        this.#entries.delete(oldest)
        this.#entries.set(oldest, entry)
      } else this.#remove(oldest)
    }
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.hot.size
  }
}

/** A change whose announcement was lost on the way shows after at most this many seconds. */
const longestTicks = 10
