/**
 * The links that an entry shows: those to sites it has, and those that Wikidata knows of it, in VNDB's order of sites. Links to
 * sites that no longer exist, or are not shown for the kind of entry, are left out.
 */
import { Schema } from "effect"
import { sites } from "../../kana/Extlinks.ts"

export const Link = Schema.Struct({
  url: Schema.String,
  /** The name of the site, for people. */
  label: Schema.String,
  /** The name of the site, for programs. */
  name: Schema.String,
  /** What identifies the page there. */
  id: Schema.String
}).annotate({ identifier: "Link" })

type Shown = typeof Link.Type

/** A link of an entry. */
export interface Held {
  readonly site: string
  readonly value: string
}

/** An entry with links. */
export interface Linked {
  readonly extlinks: ReadonlyArray<Held>
  readonly wikidata: Wikidata | null
}

/** Columns of Wikidata's row about an entry that are known: texts, numbers and lists of them. */
export type Wikidata = Readonly<Record<string, unknown>>

/**
 * Sites in order. `~` stands before what Wikidata knows, `a~b` is what Wikidata knows as b where the entry has no link to a, and
 * `+` stands before what follows from a link to another site. VNDB has `gogdb` after `gog`: it is made of a number that
 * dumps do not have.
 */
const order = {
  v: "~enwiki ~jawiki wikidata ~mobygames ~mobygames_game ~gamefaqs_game ~vgmdb_product ~acdb_source ~indiedb_game ~howlongtobeat "
    + "~igdb_game ~pcgamingwiki ~lutris ~wine renai",
  r: "website egs steam +steamdb dlsite gog itch patreonp patreon substar gamejolt denpa jastusa jlist johren kagura "
    + "fakku appstore googplay animateg freem freegame novelgam gyutto digiket melon melonjp mg nutaku getchu getchudl dmm toranoana "
    + "booth playasia playstation_jp playstation_na playstation_eu playstation_hk nintendo nintendo_jp nintendo_hk",
  s: "website ~enwiki ~jawiki wikidata bsky twitter~twitter anidb~anidb_person pixiv~pixiv_user "
    + "mbrainz~musicbrainz_artist vgmdb~vgmdb_artist vgmdb_org discogs~discogs_artist scloud~soundcloud mobygames "
    + "mobygames_comp bgmtv bilibili weibo imdb vndb egs_creator anison afdian patreon substar kofi boosty cien "
    + "booth_pub fantia nijie youtube instagram deviantar facebook fanbox tumblr vk itch_dev steam_curator",
  p: "website ~enwiki ~jawiki wikidata bsky twitter~twitter pixiv~pixiv_user mobygames_comp~mobygames_company mobygames "
    + "gamefaqs_comp~gamefaqs_company scloud~soundcloud afdian patreon substar boosty cien fantia nijie booth_pub "
    + "bilibili weibo youtube instagram facebook fanbox tumblr vk itch_dev steam_curator"
} as const

/** Label and address of what Wikidata knows. */
const known: Readonly<Record<string, readonly [label: string, format: string]>> = {
  enwiki: ["Wikipedia (en)", "https://en.wikipedia.org/wiki/%s"],
  jawiki: ["Wikipedia (ja)", "https://ja.wikipedia.org/wiki/%s"],
  mobygames: ["MobyGames", "https://www.mobygames.com/game/%s"],
  mobygames_game: ["MobyGames", "https://www.mobygames.com/game/%s/"],
  mobygames_company: ["MobyGames", "https://www.mobygames.com/company/%s"],
  gamefaqs_game: ["GameFAQs", "https://gamefaqs.gamespot.com/-/%s-"],
  gamefaqs_company: ["GameFAQs", "https://gamefaqs.gamespot.com/company/%s-"],
  anidb_person: ["AniDB", "https://anidb.net/cr%s"],
  musicbrainz_artist: ["MusicBrainz", "https://musicbrainz.org/artist/%s"],
  twitter: ["Xitter", "https://x.com/%s"],
  vgmdb_product: ["VGMdb", "https://vgmdb.net/product/%s"],
  vgmdb_artist: ["VGMdb", "https://vgmdb.net/artist/%s"],
  discogs_artist: ["Discogs", "https://www.discogs.com/artist/%s"],
  acdb_source: ["ACDB", "https://www.animecharactersdatabase.com/source.php?id=%s"],
  indiedb_game: ["IndieDB", "https://www.indiedb.com/games/%s"],
  howlongtobeat: ["HowLongToBeat", "http://howlongtobeat.com/game.php?id=%s"],
  igdb_game: ["IGDB", "https://www.igdb.com/games/%s"],
  pcgamingwiki: ["PCGamingWiki", "https://www.pcgamingwiki.com/wiki/%s"],
  pixiv_user: ["Pixiv", "https://www.pixiv.net/member.php?id=%d"],
  soundcloud: ["Soundcloud", "https://soundcloud.com/%s"],
  lutris: ["Lutris", "https://lutris.net/games/%s"],
  wine: ["Wine AppDB", "https://appdb.winehq.org/appview.php?iAppId=%d"]
}

/** The links of a visual novel, release, member of staff or producer; of one site in the order given. */
export const links = (
  kind: keyof typeof order,
  found: ReadonlyArray<Held>,
  wikidata: Wikidata | null = null
): ReadonlyArray<Shown> => {
  const bySite = Map.groupBy(found, ({ site }) => site)
  const own = (site: string) => (bySite.get(site) ?? []).flatMap(({ value }) => shown(site, value))
  return order[kind].split(" ").flatMap((token) => {
    if (token === "+steamdb") return (bySite.get("steam") ?? []).map(({ value }) => steamDb(value))
    const [site = "", property] = token.split("~")
    const held = own(site)
    return held.length > 0 || property === undefined ? held : told(property, wikidata)
  })
}

const shown = (site: string, value: string): ReadonlyArray<Shown> => {
  // Anything may be an official website.
  if (site === "website") {
    return /^https?:\/\//.test(value) ? [{ url: value, label: "Official website", name: site, id: value }] : []
  }
  const about = sites[site]
  if (about === undefined) return []
  const format = byValue[site]?.(value) ?? about[2]
  return [{ url: address(format, value), label: about[0], name: site, id: value }]
}

/** Formats for values that the site's own does not fit: earlier dumps had whole addresses, later ones and links made here do not. */
const byValue: Readonly<Record<string, (value: string) => string | undefined>> = {
  appstore: (value) => /^\d+$/.test(value) ? "https://apps.apple.com/app/id%s" : undefined,
  itch: (value) => /^[\w-]+\/[\w-]+$/.test(value) ? `https://${value.replace("/", ".itch.io/")}` : undefined
}

const steamDb = (value: string): Shown => ({
  url: `https://steamdb.info/app/${value}/info/`,
  label: "SteamDB",
  name: "steamdb",
  id: value
})

/** What Wikidata knows; one value or several. */
const told = (property: string, wikidata: Wikidata | null): ReadonlyArray<Shown> => {
  // The older of two properties for the same.
  if (property === "mobygames" && wikidata?.["mobygames_game"] !== undefined) return []
  const [label, format] = known[property] ?? ["", ""]
  const value = wikidata?.[property] ?? []
  return (Array.isArray(value) ? value : [value]).map((each: unknown) => {
    const id = String(each)
    const part = property.endsWith("wiki") ? id.replaceAll(" ", "_").replaceAll("?", "%3f") : id
    return { url: address(format, part), label, name: property, id }
  })
}

/** `%s` is the value, `%07d` the value with at least seven digits. */
const address = (format: string, value: string): string =>
  format.replace(
    /%(?:0(\d+))?[sd]/,
    (_, digits?: string) => digits === undefined ? value : value.padStart(Number(digits), "0")
  )
