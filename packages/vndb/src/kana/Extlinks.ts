/**
 * The sites that entries link to: their names, labels and addresses, as `GET /schema` shows them, and how a link's address
 * is recognised.
 *
 * Addresses are recognised by the site's format, with or without `www.`, and a few other forms of them; whatever follows
 * the value is ignored. Values are not looked up anywhere.
 */

/**
 * Label, the entities that may have such links (v, r, s, p), the format of addresses, and other formats by which links are
 * recognised: `*` is any one part of a path, and values with several `%s` are joined by slashes.
 */
export type Site = readonly [label: string, entities: string, format: string, others?: ReadonlyArray<string>]

/**
 * Sites with a format, by name.
 *
 * @example
 * ```ts
 * import { sites } from "@kanau/vndb/kana/Extlinks"
 *
 * sites["kofi"] // => ["Ko-fi", "s", "https://ko-fi.com/%s"]
 * ```
 */
export const sites: Readonly<Record<string, Site>> = {
  afdian: ["Afdian", "sp", "https://afdian.com/a/%s"],
  anidb: ["AniDB", "s", "https://anidb.net/cr%s"],
  animateg: ["Animate Games", "r", "https://www.animategames.jp/home/detail/%d"],
  anison: ["Anison", "s", "http://anison.info/data/person/%d.html"],
  appstore: ["App Store", "r", "https://apps.apple.com/%s", [
    "https://apps.apple.com/app/id%d",
    "https://apps.apple.com/*/app/id%d",
    "https://apps.apple.com/*/app/*/id%d"
  ]],
  bgmtv: ["Bangumi", "s", "https://bgm.tv/person/%d", ["https://bangumi.tv/person/%d"]],
  bilibili: ["Bilibili", "sp", "https://space.bilibili.com/%d"],
  boosty: ["Boosty", "sp", "https://boosty.to/%s"],
  booth: ["BOOTH", "r", "https://booth.pm/en/items/%d"],
  booth_pub: ["BOOTH", "sp", "https://%s.booth.pm/"],
  bsky: ["Bluesky", "sp", "https://bsky.app/profile/%s"],
  cien: ["Ci-en", "sp", "https://ci-en.dlsite.com/creator/%d"],
  denpa: ["Denpasoft", "r", "https://denpasoft.com/product/%s/"],
  deviantar: ["DeviantArt", "s", "https://www.deviantart.com/%s", ["https://%s.deviantart.com/"]],
  digiket: ["Digiket", "r", "https://www.digiket.com/work/show/_data/ID=ITM%07d/"],
  discogs: ["Discogs", "s", "https://www.discogs.com/artist/%d"],
  dlsite: ["DLsite", "r", "https://www.dlsite.com/home/work/=/product_id/%s.html", [
    "https://www.dlsite.com/*/work/=/product_id/%s.html"
  ]],
  dmm: ["DMM", "r", "https://%s"],
  egs: ["ErogameScape", "r", "https://erogamescape.dyndns.org/~ap2/ero/toukei_kaiseki/game.php?game=%d"],
  egs_creator: ["ErogameScape", "s", "https://erogamescape.dyndns.org/~ap2/ero/toukei_kaiseki/creater.php?creater=%d"],
  facebook: ["Facebook", "sp", "https://www.facebook.com/%s"],
  fakku: ["Fakku", "r", "https://www.fakku.net/games/%s"],
  fanbox: ["Fanbox", "sp", "https://%s.fanbox.cc/", ["https://www.fanbox.cc/@%s"]],
  fantia: ["Fantia", "sp", "https://fantia.jp/fanclubs/%d"],
  freegame: ["Freegame Mugen", "r", "https://freegame-mugen.jp/%s.html", ["https://freegame-mugen.jp/%s/%s.html"]],
  freem: ["Freem!", "r", "https://www.freem.ne.jp/win/game/%d"],
  gamefaqs_comp: ["GameFAQs", "p", "https://gamefaqs.gamespot.com/company/%d-"],
  gamejolt: ["Game Jolt", "r", "https://gamejolt.com/games/vn/%d"],
  getchu: ["Getchu", "r", "http://www.getchu.com/soft.phtml?id=%d"],
  getchudl: ["DL.Getchu", "r", "http://dl.getchu.com/i/item%d"],
  gog: ["GOG", "r", "https://www.gog.com/game/%s", ["https://www.gog.com/*/game/%s"]],
  googplay: ["Google Play", "r", "https://play.google.com/store/apps/details?id=%s"],
  gyutto: ["Gyutto", "r", "https://gyutto.com/i/item%d"],
  imdb: ["IMDb", "s", "https://www.imdb.com/name/nm%07d"],
  instagram: ["Instagram", "sp", "https://www.instagram.com/%s/"],
  itch: ["Itch.io", "r", "https://%s", ["https://%s.itch.io/%s"]],
  itch_dev: ["Itch.io", "sp", "https://%s.itch.io/"],
  jastusa: ["JAST USA", "r", "https://jastusa.com/games/%s/vndb"],
  jlist: ["J-List", "r", "https://www.jlist.com/shop/product/%s"],
  johren: ["Johren", "r", "https://www.johren.games/games/download/%s/"],
  kagura: ["Kagura Games", "r", "https://www.kaguragames.com/product/%s/"],
  kofi: ["Ko-fi", "s", "https://ko-fi.com/%s"],
  mbrainz: ["MusicBrainz", "s", "https://musicbrainz.org/artist/%s"],
  melon: ["Melonbooks.com", "r", "https://www.melonbooks.com/index.php?main_page=product_info&products_id=IT%010d"],
  melonjp: ["Melonbooks.co.jp", "r", "https://www.melonbooks.co.jp/detail/detail.php?product_id=%d"],
  mg: ["MangaGamer", "r", "https://www.mangagamer.com/r18/detail.php?product_code=%d"],
  mobygames: ["MobyGames", "sp", "https://www.mobygames.com/person/%d"],
  mobygames_comp: ["MobyGames", "sp", "https://www.mobygames.com/company/%d"],
  nijie: ["Nijie", "sp", "https://nijie.info/members.php?id=%d"],
  nintendo: ["Nintendo", "r", "https://www.nintendo.com/store/products/%s/"],
  nintendo_hk: ["Nintendo (HK)", "r", "https://store.nintendo.com.hk/%d"],
  nintendo_jp: ["Nintendo (JP)", "r", "https://store-jp.nintendo.com/item/software/D%d"],
  novelgam: ["NovelGame", "r", "https://novelgame.jp/games/show/%d"],
  nutaku: ["Nutaku", "r", "https://www.nutaku.net/games/%s/"],
  patreon: ["Patreon", "rsp", "https://www.patreon.com/%s"],
  patreonp: ["Patreon post", "r", "https://www.patreon.com/posts/%d"],
  pixiv: ["Pixiv", "sp", "https://www.pixiv.net/member.php?id=%d", [
    "https://www.pixiv.net/users/%d",
    "https://www.pixiv.net/*/users/%d"
  ]],
  playasia: ["PlayAsia", "r", "https://www.play-asia.com/13/70%s"],
  playstation_eu: ["PlayStation Store (EU)", "r", "https://store.playstation.com/en-gb/product/%s"],
  playstation_hk: ["PlayStation Store (HK)", "r", "https://store.playstation.com/en-hk/product/%s"],
  playstation_jp: ["PlayStation Store (JP)", "r", "https://store.playstation.com/ja-jp/product/%s"],
  playstation_na: ["PlayStation Store (NA)", "r", "https://store.playstation.com/en-us/product/%s"],
  renai: ["Renai.us", "v", "https://renai.us/game/%s"],
  scloud: ["SoundCloud", "sp", "https://soundcloud.com/%s"],
  steam: ["Steam", "r", "https://store.steampowered.com/app/%d/", [
    "https://steamcommunity.com/app/%d",
    "https://steamdb.info/app/%d"
  ]],
  steam_curator: ["Steam Curator", "sp", "https://store.steampowered.com/curator/%d"],
  substar: ["SubscribeStar", "rsp", "https://subscribestar.%s", ["https://subscribestar.%s/%s"]],
  toranoana: ["Toranoana", "r", "https://ec.toranoana.shop/tora/ec/item/%012d/"],
  tumblr: ["Tumblr", "sp", "https://%s.tumblr.com/", ["https://www.tumblr.com/%s"]],
  twitter: ["Xitter", "sp", "https://x.com/%s", ["https://twitter.com/%s"]],
  vgmdb: ["VGMdb", "s", "https://vgmdb.net/artist/%d"],
  vgmdb_org: ["VGMdb org", "s", "https://vgmdb.net/org/%d"],
  vk: ["VK", "sp", "https://vk.com/%s"],
  vndb: ["VNDB user", "s", "https://vndb.org/%s"],
  weibo: ["Weibo", "sp", "https://weibo.com/u/%d"],
  wikidata: ["Wikidata", "vsp", "https://www.wikidata.org/wiki/Q%d"],
  youtube: ["Youtube", "sp", "https://www.youtube.com/@%s"]
}

/** Sites whose links are kept, but not recognised or listed: gone, or too many to have a format. */
const others: ReadonlySet<string> = new Set(["dlsiteen", "encubed", "erotrail", "website", "wp"])

/**
 * Whether links to a site of this name can exist.
 *
 * @example
 * ```ts
 * import * as Extlinks from "@kanau/vndb/kana/Extlinks"
 *
 * Extlinks.isSite("steam") // => true
 * ```
 */
export const isSite = (name: string): boolean => Object.hasOwn(sites, name) || others.has(name)

/** A link: the site and what identifies the page there. */
export type Link = readonly [site: string, value: string]

/**
 * The link that an address is of; nothing for unknown ones.
 *
 * @example
 * ```ts
 * import * as Extlinks from "@kanau/vndb/kana/Extlinks"
 *
 * Extlinks.fromUrl("https://store.steampowered.com/app/702050/") // => ["steam", "702050"]
 * ```
 */
export const fromUrl = (url: string): Link | undefined => {
  const address = url.replace(/^https?:\/\//, "").replace(/#.*$/s, "")
  for (const [site, pattern] of patterns) {
    const found = pattern.exec(address)
    if (found !== null) return [site, found.slice(1).filter((part) => part !== undefined).join("/")]
  }
  return undefined
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** What a placeholder stands for: in a host name less than in a path. */
const part = (token: string, isHost: boolean): string =>
  token === "*" ? "[^/]+" : token.endsWith("d") ? "0*([1-9][0-9]*)" : isHost ? "([a-z0-9_-]+)" : "([^/?&]+)"

const patternOf = (format: string): RegExp => {
  const tokens = format.replace(/^https?:\/\/(?:www\.)?/, "").replace(/\/$/, "").split(/(%\d*[sd]|\*)/)
  let before = ""
  const parts = tokens.map((token) => {
    const isHost = !before.includes("/")
    before += token
    return /^(?:%\d*[sd]|\*)$/.test(token) ? part(token, isHost) : escape(token)
  })
  return new RegExp(`^(?:www\\.)?${parts.join("")}(?:[/?&].*)?$`, "s")
}

/** The more of an address is literal, the earlier it is tried: posts of a site before its people. */
const patterns: ReadonlyArray<readonly [site: string, pattern: RegExp]> = [
  ["dmm", /^((?:[a-z]+\.)*dmm\.(?:com|co\.jp)\/[^\s?]+)/] as const,
  ...Object.entries(sites)
    .flatMap(([name, [, , format, more = []]]) => [format, ...more].map((each) => ({ name, format: each })))
    .filter(({ format }) => format !== "https://%s" && format !== "https://apps.apple.com/%s")
    .map(({ name, format }) => ({
      name,
      format,
      literal: format.replace(/%\d*[sd]|\*|\/$/g, "").length,
      parts: format.split("%").length
    }))
    .sort((a, b) => b.literal - a.literal || b.parts - a.parts)
    .map(({ name, format }) => [name, patternOf(format)] as const)
]
