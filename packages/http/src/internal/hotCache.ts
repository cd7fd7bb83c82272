import type { ViewStore } from "@kanau/views"

/** A document ready to be sent, with the headers that go with it. */
export interface HotDocument {
  readonly document: ViewStore.RenderedDocument
  readonly headers: Readonly<Record<string, string>>
  /** The same for who writes to the socket itself: name, value, name, value, the first being the correlation id. */
  readonly rawHeaders: ReadonlyArray<string>
  readonly rawHeadersWithLength: ReadonlyArray<string>
}

interface Entry {
  readonly hot: HotDocument
  readonly size: number
  readonly expiresAt: number
}

/** A load that is under way; whoever asks for the same key meanwhile waits for it too. */
export type Flight = Promise<HotDocument | undefined>

/**
 * View documents in memory, bounded by bytes. It may only be trusted while the process hears every change: it starts
 * closed, and whenever it is closed it forgets everything. What was being loaded when its key changed is handed to
 * those who wait, and not kept.
 */
export class HotCache {
  readonly #entries = new Map<string, Entry>()
  readonly #flights = new Map<string, Flight>()
  readonly #capacity: number
  #ticks = 0
  #hits = 0
  #bytes = 0
  #open = false

  /** `capacity` in bytes of documents. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): HotDocument | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.expiresAt > this.#ticks) {
      this.#hits++
      return entry.hot
    }
    this.#remove(key)
    return undefined
  }

  /** Runs `load`, or joins the load of the same key that is under way; keeps the result if the key did not change. */
  load(key: string, load: () => Flight): Flight {
    const running = this.#flights.get(key)
    if (running !== undefined) return running
    const flight = load().then((hot) => {
      if (this.#flights.get(key) === flight && this.#open && hot !== undefined) this.#keep(key, hot)
      return hot
    }).finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    })
    this.#flights.set(key, flight)
    return flight
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

  /** Opens or closes the cache; either way, what was remembered before is gone. */
  setOpen(open: boolean): void {
    this.#open = open
    this.#flights.clear()
    this.#entries.clear()
    this.#bytes = 0
  }

  #keep(key: string, hot: HotDocument): void {
    this.#remove(key)
    const size = hot.document.bytes.byteLength + overhead
    if (size > this.#capacity) return
    this.#entries.set(key, { hot, size, expiresAt: this.#ticks + longestTicks })
    this.#bytes += size
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#capacity) break
      this.#remove(oldest)
    }
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.size
  }
}

/** About what an entry costs beside its bytes. */
const overhead = 512

/** A change whose announcement was lost on the way shows after at most this many seconds. */
const longestTicks = 10
