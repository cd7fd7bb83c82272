/** A steady load on running roles: edits of a handful of pages, reads of them and of others, and searches. */
import { createHash } from "node:crypto"
import { setTimeout as pause } from "node:timers/promises"
import { assert } from "vitest"
import { mutate, type Role } from "./system.ts"

/** How often each status came back. */
type Statuses = Record<number, number>

/** What has been answered in a part of the run. */
export interface Answers {
  readonly edits: Statuses
  readonly pages: Statuses
  readonly searches: Statuses
}

/** A page that is edited: titles begin with a number that counts up. */
interface Edited {
  readonly id: string
  /** Number of the edit that is made now. */
  making: number
  /** Numbers of the last two edits that were answered with success. */
  made: readonly [before: number, last: number]
  /** The highest number that was read, which no later read may fall behind. */
  seen: number
}

export interface Load {
  readonly pages: ReadonlyArray<Edited>
  /** From here on answers are counted anew. */
  readonly count: () => Answers
  /** Completes when every page shows an edit that was begun after this call; fails when a read went back. */
  readonly shown: (limitMillis: number) => Promise<void>
  /** Ends the load, and each page with an edit that was answered with success, within five seconds. */
  readonly stop: () => Promise<void>
}

/** A word that no other edit has, and that nobody reaches from another one by a few typing errors. */
export const wordOf = (run: string, id: string, edit: number): string =>
  createHash("sha256").update(`${run} ${id} ${edit}`).digest("hex").slice(0, 14)
    .replaceAll(/\d/g, (digit) => "ghkmnpqrst"[Number(digit)] ?? "")

/** Starts the load; `run`, a word, tells its titles from those of others. Each page has one writer, so that its titles count up. */
export const begin = (run: string, ids: ReadonlyArray<string>, handler: Role, gateway: Role): Load => {
  const pages = ids.map((id): Edited => ({ id, making: 0, made: [-1, -1], seen: -1 }))
  let answers: Answers = { edits: {}, pages: {}, searches: {} }
  const note = (kind: keyof Answers, { status }: Response) => {
    answers[kind][status] = (answers[kind][status] ?? 0) + 1
    return status === 200
  }
  const get = async (kind: keyof Answers, path: string): Promise<unknown> => {
    const response = await fetch(`${gateway.url}${path}`)
    const body: unknown = await response.json()
    return note(kind, response) ? body : undefined
  }
  const edit = async (page: Edited) => {
    const n = ++page.making
    const titles = [{ lang: "en", official: true, title: `${n} ${run} ${wordOf(run, page.id, n)}`, latin: null }]
    const response = await mutate(handler, "PATCH", `/v1/vn/${page.id}`, { olang: "en", titles })
    await response.arrayBuffer()
    if (note("edits", response)) page.made = [page.made[1], n]
  }
  const read = async (page: Edited) => {
    const body = await get("pages", `/v1/vn/${page.id}`) as { readonly title: string } | undefined
    const [number, of] = body?.title.split(" ") ?? []
    // Before the first edit of this run the page shows a title of another.
    if (of !== run) return
    assert.isAtLeast(Number(number), page.seen, `${page.id} went back`)
    page.seen = Number(number)
  }
  let turn = 0
  const readOthers = async () => {
    const n = turn++ % 150 + 10
    await get("pages", n % 2 === 0 ? `/v1/vn/v${n}` : `/v1/release/r${n}`)
  }
  const search = () => get("searches", `/v1/search?limit=1&q=${turn}`)

  const state = { on: true }
  const every = async (millis: number, work: () => Promise<unknown>) => {
    while (state.on) await Promise.all([work(), pause(millis)])
  }
  const working = Promise.all([
    // Ten edits a second of each page.
    ...pages.map((page) => every(100, () => edit(page))),
    ...pages.map((page) => every(50, () => read(page))),
    every(50, readOthers),
    every(50, search)
  ])
  // Whoever waits for the load is told.
  working.catch(() => undefined)
  return {
    pages,
    count: () => {
      const before = answers
      answers = { edits: {}, pages: {}, searches: {} }
      return before
    },
    shown: async (limitMillis) => {
      const begun = pages.map(({ making }) => making)
      const deadline = performance.now() + limitMillis
      while (pages.some(({ seen }, at) => seen <= (begun[at] ?? 0))) {
        if (performance.now() > deadline) throw new Error(`After ${limitMillis} ms not every page shows its edits`)
        await Promise.race([working, pause(10)])
      }
    },
    stop: async () => {
      state.on = false
      await working
      for (const page of pages) {
        for (let tries = 0; page.made[1] !== page.making; tries++) {
          if (tries === 50) throw new Error(`${page.id} could not be edited any more`)
          await pause(100)
          await edit(page)
        }
      }
    }
  }
}
