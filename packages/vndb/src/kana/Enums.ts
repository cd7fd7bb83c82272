/**
 * The values that VNDB's enumerated columns may have, with the labels that `GET /schema` shows, in its order.
 *
 * Filters accept these values only. Values that a dump brings and this list lacks are shown, but not asked for.
 */

/** Labels by value. */
export type Labels = Readonly<Record<string, string>>

/**
 * Languages. `ta` is Tagalog and `ck` Cherokee, unlike ISO 639.
 *
 * @example
 * ```ts
 * import { languages } from "@kanau/vndb/kana/Enums"
 *
 * languages["ta"] // => "Tagalog"
 * ```
 */
export const languages: Labels = {
  ar: "Arabic",
  eu: "Basque",
  be: "Belarusian",
  bg: "Bulgarian",
  bs: "Bosnian",
  ca: "Catalan",
  ck: "Cherokee",
  zh: "Chinese",
  "zh-Hans": "Chinese (simplified)",
  "zh-Hant": "Chinese (traditional)",
  hr: "Croatian",
  cs: "Czech",
  da: "Danish",
  nl: "Dutch",
  en: "English",
  eo: "Esperanto",
  et: "Estonian",
  fi: "Finnish",
  fr: "French",
  gl: "Galician",
  de: "German",
  el: "Greek",
  he: "Hebrew",
  hi: "Hindi",
  hu: "Hungarian",
  ga: "Irish",
  id: "Indonesian",
  it: "Italian",
  iu: "Inuktitut",
  ja: "Japanese",
  kk: "Kazakh",
  ko: "Korean",
  la: "Latin",
  lv: "Latvian",
  lt: "Lithuanian",
  mk: "Macedonian",
  ms: "Malay",
  ne: "Nepali",
  no: "Norwegian",
  fa: "Persian",
  pl: "Polish",
  "pt-br": "Portuguese (Brazil)",
  "pt-pt": "Portuguese (Portugal)",
  ro: "Romanian",
  ru: "Russian",
  gd: "Scottish Gaelic",
  sr: "Serbian",
  sk: "Slovak",
  sl: "Slovene",
  es: "Spanish",
  sv: "Swedish",
  ta: "Tagalog",
  th: "Thai",
  tr: "Turkish",
  uk: "Ukrainian",
  ur: "Urdu",
  vi: "Vietnamese"
}

/**
 * Platforms of releases.
 *
 * @example
 * ```ts
 * import { platforms } from "@kanau/vndb/kana/Enums"
 *
 * platforms["win"] // => "Windows"
 * ```
 */
export const platforms: Labels = {
  win: "Windows",
  lin: "Linux",
  mac: "Mac OS",
  web: "Website",
  tdo: "3DO",
  ios: "Apple iProduct",
  and: "Android",
  bdp: "Blu-ray Player",
  dos: "DOS",
  dvd: "DVD Player",
  drc: "Dreamcast",
  nes: "Famicom",
  sfc: "Super Famicom",
  fm7: "FM-7",
  fm8: "FM-8",
  fmt: "FM Towns",
  gba: "Game Boy Advance",
  gbc: "Game Boy Color",
  msx: "MSX",
  nds: "Nintendo DS",
  swi: "Nintendo Switch",
  sw2: "Nintendo Switch 2",
  wii: "Nintendo Wii",
  wiu: "Nintendo Wii U",
  n3d: "Nintendo 3DS",
  p88: "PC-88",
  p98: "PC-98",
  pce: "PC Engine",
  pcf: "PC-FX",
  psp: "PlayStation Portable",
  ps1: "PlayStation 1",
  ps2: "PlayStation 2",
  ps3: "PlayStation 3",
  ps4: "PlayStation 4",
  ps5: "PlayStation 5",
  psv: "PlayStation Vita",
  smd: "Sega Mega Drive",
  scd: "Sega Mega-CD",
  sat: "Sega Saturn",
  vnd: "VNDS",
  x1s: "Sharp X1",
  x68: "Sharp X68000",
  xb1: "Xbox",
  xb3: "Xbox 360",
  xbo: "Xbox One",
  xxs: "Xbox X/S",
  mob: "Other (mobile)",
  oth: "Other"
}

/**
 * Media of releases: label and plural; those that are not counted have no plural.
 *
 * @example
 * ```ts
 * import { media } from "@kanau/vndb/kana/Enums"
 *
 * media["cd"] // => ["CD", "CDs"]
 * ```
 */
export const media: Readonly<Record<string, readonly [label: string, plural: string | null]>> = {
  blr: ["Blu-ray disc", "Blu-ray discs"],
  mrt: ["Cartridge", "Cartridges"],
  cas: ["Cassette tape", "Cassette tapes"],
  cd: ["CD", "CDs"],
  dc: ["Download card", null],
  dvd: ["DVD", "DVDs"],
  flp: ["Floppy", "Floppies"],
  gdr: ["GD-ROM", "GD-ROMs"],
  in: ["Internet download", null],
  mem: ["Memory card", "Memory cards"],
  nod: ["Nintendo Optical Disc", "Nintendo Optical Discs"],
  umd: ["UMD", "UMDs"],
  otc: ["Other", null]
}

/**
 * Roles of staff; `seiyuu` is no role of its own, but filters know it.
 *
 * @example
 * ```ts
 * import { staffRoles } from "@kanau/vndb/kana/Enums"
 *
 * staffRoles["songs"] // => "Vocals"
 * ```
 */
export const staffRoles: Labels = {
  scenario: "Scenario",
  director: "Director",
  chardesign: "Character design",
  art: "Artist",
  music: "Composer",
  songs: "Vocals",
  translator: "Translator",
  editor: "Editor",
  qa: "Quality assurance",
  staff: "Staff"
}

const words = (text: string): ReadonlyArray<string> => text.split(" ")
const range = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at)

/**
 * Cup sizes in their order; the place from 1 is what documents hold.
 *
 * @example
 * ```ts
 * import { cupSizes } from "@kanau/vndb/kana/Enums"
 *
 * cupSizes.indexOf("A") + 1 // => 3
 * ```
 */
export const cupSizes: ReadonlyArray<string> = words("AAA AA A B C D E F G H I J K L M N O P Q R S T U V W X Y Z")

/**
 * Everything else that is enumerated; `""` is unknown.
 *
 * @example
 * ```ts
 * import { choices } from "@kanau/vndb/kana/Enums"
 *
 * choices.releaseType // => ["complete", "partial", "trial"]
 * ```
 */
export const choices = {
  age: [0, 3, ...range(6, 18)],
  aniFlags: words("no na hand vect 3d live"),
  aniCutscene: words("na hand vect 3d live"),
  animated: range(0, 4),
  bit: [0, 1],
  bloodType: words("unknown o a b ab"),
  characterRole: words("main primary side appears"),
  characterSex: ["", ...words("m f b n")],
  characterGender: ["", ...words("m f o a")],
  devstatus: range(0, 2),
  imageType: words("pkgfront pkgback pkgcontent pkgside pkgmed dig"),
  producerType: words("co in ng"),
  releaseStatus: range(0, 4),
  releaseType: words("complete partial trial"),
  staffGender: ["", "m", "f"],
  staffType: words("person group company repo"),
  tagCategory: words("cont ero tech"),
  vnLength: range(0, 5),
  voiced: range(0, 4)
} satisfies Readonly<Record<string, ReadonlyArray<string | number>>>
