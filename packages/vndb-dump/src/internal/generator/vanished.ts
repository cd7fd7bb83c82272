/**
 * What later days took away: one in a thousand visual novels with their releases, characters and pictures, and one in a
 * thousand of producers, staff and quotes, a day.
 */
import type { Blocks, World } from "./world.ts"

/** Ids, and numbers of aliases. */
export const vanished = (world: World): ReadonlySet<unknown> => {
  const gone = new Set<unknown>()
  const { day } = world.options
  if (day === 0) return gone
  const draws = world.seed("vanished")
  const chosen = function*(kind: string, size: number) {
    for (let id = 1; id <= size; id++) {
      if (draws(id, kind.charCodeAt(0)).next() < 0.001 * day) {
        gone.add(`${kind}${id}`)
        yield id
      }
    }
  }
  const all = (blocks: Blocks, owner: number, kind: string, below: (id: number) => void = () => {}) => {
    for (let at = 0; at < blocks.count(owner); at++) {
      gone.add(kind === "" ? blocks.first(owner) + at : `${kind}${blocks.first(owner) + at}`)
      below(blocks.first(owner) + at)
    }
  }
  for (const vn of chosen("v", world.size.vn)) {
    all(world.releases, vn, "r", (release) => all(world.covers, release, "cv"))
    all(world.chars, vn, "c", (char) => all(world.portraits, char, "ch"))
    all(world.screenshots, vn, "sf")
  }
  for (const staff of chosen("s", world.size.staff)) all(world.aliases, staff, "")
  for (const kind of ["p", "q"] as const) {
    for (const id of chosen(kind, kind === "p" ? world.size.producers : world.size.quotes)) gone.add(`${kind}${id}`)
  }
  return gone
}
