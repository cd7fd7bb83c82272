/**
 * The shape of the tag and trait trees: entries with one main parent and sometimes more, all of them earlier and higher
 * up, so that there is no cycle. The shares of depths and the number of parents are those of VNDB's tags (Open Database
 * License 1.0).
 */
import type { Seed } from "./random.ts"

export interface Taxonomy {
  readonly size: number
  readonly roots: number
  readonly depth: (id: number) => number
  /** The first is the main one. None for a root. */
  readonly parents: (id: number) => ReadonlyArray<number>
  /** The root above. */
  readonly root: (id: number) => number
}

/** Of tags, by depth, out of 2,945. */
export const tagDepths = [5, 37, 413, 936, 814, 571, 157, 12]
/** Of traits: fewer levels. */
export const traitDepths = [9, 90, 900, 1500, 700, 129]

export const taxonomy = (seed: Seed, name: string, size: number, depths: ReadonlyArray<number>): Taxonomy => {
  const draws = seed(`${name} tree`)
  const levels: Array<Array<number>> = depths.map(() => [])
  const depth = new Uint8Array(size + 1)
  const root = new Uint16Array(size + 1)
  const parents: Array<ReadonlyArray<number>> = [[]]
  const roots = depths[0] ?? 1
  const total = depths.reduce((sum, one) => sum + one, 0) - roots
  for (let id = 1; id <= size; id++) {
    const draw = draws(id)
    let level = 0
    if (id > roots) {
      let left = draw.next() * total
      for (level = 1; level < depths.length - 1 && (left -= depths[level] ?? 0) >= 0;) level++
      // A level can only be reached once the one above has an entry.
      while ((levels[level - 1] ?? []).length === 0) level--
    }
    const above = levels[level - 1] ?? []
    const found = new Set<number>()
    if (level > 0) {
      // A few parents have very many children.
      const place = draw.next()
      found.add(above[Math.floor(place ** 2.5 * above.length)] ?? 1)
      const more = draw.next()
      const extra = more < 0.001 ? 3 : more < 0.011 ? 2 : more < 0.17 ? 1 : 0
      for (let one = 0; one < extra; one++) {
        const higher = levels[draw.below(level)] ?? []
        found.add(higher[draw.below(higher.length)] ?? 1)
      }
    }
    depth[id] = level
    root[id] = level === 0 ? id : root[[...found][0] ?? 1] ?? 1
    parents.push([...found])
    levels[level]?.push(id)
  }
  return {
    size,
    roots,
    depth: (id) => depth[id] ?? 0,
    parents: (id) => parents[id] ?? [],
    root: (id) => root[id] ?? id
  }
}
