/** The tables of releases. */
import { releaseFacts, someProducer, translation, vnFacts } from "./facts.ts"
import type { Row } from "./row.ts"
import { prose, remark, title } from "./text.ts"
import type { World } from "./world.ts"

const resolutions = [[800, 600], [1280, 720], [1920, 1080], [640, 480], [0, 0], [0, 0], [1024, 768], [0, 1]] as const
const ages = [null, null, 0, 3, 12, 13, 15, 16, 17]
const media = ["dvd", "in", "in", "in", "cd", "gdr", "dc", "blr", "flp"]
const animations = [null, null, null, 0, 1, 4 + 256, 8 + 256, 4 + 512, 16 + 512]

export function* releases(world: World): Generator<Row> {
  const draws = world.seed("releases")
  for (let id = 1; id <= world.releases.total; id++) {
    const facts = releaseFacts(world, id)
    const erotic = vnFacts(world, facts.vn).erotic && facts.rtype !== "trial"
    const draw = draws(id)
    const [x, y] = draw.pick(resolutions)
    yield [
      `r${id}`,
      draw.chance(0.22) ? 4_500_000_000_000 + draw.below(99_999_999) * 10 + 3 : 0,
      facts.olang,
      facts.released,
      draw.pick([0, 0, 1, 1, 2, 3, 4, 4]),
      x,
      y,
      erotic ? 18 : draw.pick(ages),
      draw.pick([0, 0, 1, 2, 3, 4]),
      erotic ? draw.pick([0, 1, 2, 3]) : 0,
      draw.pick(animations),
      draw.pick(animations),
      draw.pick(animations),
      erotic ? draw.pick(animations) : null,
      erotic ? draw.pick(animations) : null,
      draw.pick([null, null, true, false]),
      draw.pick([null, null, true, false]),
      erotic,
      facts.patch,
      draw.chance(0.18),
      erotic ? draw.pick([null, true, false]) : null,
      facts.official,
      draw.chance(0.2) ? `KN-${String(id).padStart(5, "0")}` : "",
      notes(world, id),
      draw.chance(0.35) ? 1 + Math.floor(draw.next() ** 3 * world.size.engines) : null
    ]
  }
}

const notes = (world: World, id: number): string => {
  const { count } = world.changes("r", id)
  const draw = world.seed("release notes")(id, count)
  if (count > 0) return `${remark(draw)} (revision ${count + 1})`
  return draw.chance(0.12) ? remark(draw) : draw.chance(0.03) ? prose(draw, 200) : ""
}

export function* releasesTitles(world: World): Generator<Row> {
  const draws = world.seed("releases_titles")
  for (let id = 1; id <= world.releases.total; id++) {
    const { vn, olang } = releaseFacts(world, id)
    const draw = draws(id)
    const own = title(olang === vnFacts(world, vn).olang ? world.seed("vn title")(vn) : draw, olang)
    const languages = new Map([[olang, false]])
    for (let more = draw.chance(0.1) ? draw.between(1, 3) : 0; more > 0; more--) {
      languages.set(translation(draw), draw.chance(0.03))
    }
    languages.set(olang, false)
    for (const [language, machine] of [...languages].sort()) {
      if (language === olang) yield [`r${id}`, language, false, own.original, own.latin]
      else if (draw.chance(0.4)) yield [`r${id}`, language, machine, null, null]
      else {
        const other = title(draw, language)
        yield [`r${id}`, language, machine, other.original, other.latin]
      }
    }
  }
}

/** Of visual novels, the release's own first; some releases are bundles of a neighbour too. */
const bundled = (world: World, id: number): ReadonlyArray<number> => {
  const { vn } = releaseFacts(world, id)
  const draw = world.seed("releases_vn")(id)
  const more = draw.chance(0.045) ? draw.between(1, 2) : 0
  return [vn, ...Array.from({ length: more }, (_, at) => vn + at + 1).filter((one) => one <= world.size.vn)]
}

export function* releasesVn(world: World): Generator<Row> {
  for (let id = 1; id <= world.releases.total; id++) {
    const { rtype } = releaseFacts(world, id)
    for (const vn of bundled(world, id)) yield [`r${id}`, `v${vn}`, rtype]
  }
}

export function* releasesPlatforms(world: World): Generator<Row> {
  for (let id = 1; id <= world.releases.total; id++) {
    for (const platform of [...releaseFacts(world, id).platforms].sort()) yield [`r${id}`, platform]
  }
}

export function* releasesMedia(world: World): Generator<Row> {
  const draws = world.seed("releases_media")
  for (let id = 1; id <= world.releases.total; id++) {
    const draw = draws(id)
    const found = new Set(Array.from({ length: draw.about(1.2) }, () => draw.pick(media)))
    for (const medium of [...found].sort()) yield [`r${id}`, medium, ["in", "dc", "otc"].includes(medium) ? 0 : 1]
  }
}

export function* releasesProducers(world: World): Generator<Row> {
  const draws = world.seed("releases_producers")
  for (let id = 1; id <= world.releases.total; id++) {
    const { vn, official, publisher } = releaseFacts(world, id)
    const { developer } = vnFacts(world, vn)
    const draw = draws(id)
    const roles = new Map([[developer, { developer: true, publisher: publisher === developer }]])
    if (publisher !== developer) roles.set(publisher, { developer: false, publisher: true })
    for (let more = draw.about(0.3); more > 0; more--) {
      const other = someProducer(world, draw)
      if (!roles.has(other)) roles.set(other, { developer: !official, publisher: official || draw.chance(0.5) })
    }
    for (const [producer, role] of [...roles].sort(([one], [other]) => one - other)) {
      yield [`r${id}`, `p${producer}`, role.developer, role.publisher]
    }
  }
}

export function* releasesImages(world: World): Generator<Row> {
  const draws = world.seed("releases_images")
  for (let id = 1; id <= world.releases.total; id++) {
    const { olang } = releaseFacts(world, id)
    const vns = bundled(world, id)
    for (let at = 0; at < world.covers.count(id); at++) {
      const draw = draws(id, at)
      yield [
        `r${id}`,
        `cv${world.covers.first(id) + at}`,
        vns.length > 1 && draw.chance(0.5) ? `v${draw.pick(vns)}` : null,
        at === 0
          ? draw.pick(["pkgfront", "pkgfront", "dig"])
          : draw.pick(["pkgback", "pkgcontent", "pkgside", "pkgmed"]),
        draw.chance(0.1) ? [olang] : null
      ]
    }
  }
}

export function* releasesDrm(world: World): Generator<Row> {
  const draws = world.seed("releases_drm")
  for (let id = 1; id <= world.releases.total; id++) {
    const draw = draws(id)
    if (draw.chance(0.05)) yield [`r${id}`, 1 + draw.below(world.size.drm), draw.chance(0.1) ? remark(draw) : ""]
  }
}

/** A later release of the same visual novel takes the place of the one before. */
export function* releasesSupersedes(world: World): Generator<Row> {
  const draws = world.seed("releases_supersedes")
  for (let id = 2; id <= world.releases.total; id++) {
    const vn = world.releases.owner(id)
    if (vn === world.releases.owner(id - 1) && draws(id).chance(0.105)) yield [`r${id}`, `r${id - 1}`]
  }
}
