/** Visual novels and releases of the torture pack. */
import { ids, missing, unknownEnum } from "../../Torture.ts"
import { dateOf, novel, type Part, release, type When } from "./part.ts"

export const novels = (when: When): ReadonlyArray<Part> => [
  ...novel(ids.vnWithoutReleases, [["ja", "未発売", "Mihatsubai"]]),
  ...novel(ids.trialOnlyVn, [["en", "Only a Trial"]]),
  ...release(ids.trialRelease, [ids.trialOnlyVn], { rtype: "trial" }),
  ...novel(ids.machineTranslatedVn, [["ja", "機械翻訳", "Kikai Hon'yaku"]]),
  ...release(ids.machineTranslatedRelease, [ids.machineTranslatedVn], { olang: "fr", mtl: true, official: false }),
  ...novel(ids.punctuationVn, [["ja", "……！？～★「」"]]),
  ...novel(ids.backslashNVn, [["en", "Backslash N"]], { description: "\\N" }),
  ...novel(ids.unicodeVn, [
    ["ja", "😀👩‍👩‍👧𠮷野家", "Emoji 😀"],
    ["he", "שלום עולם"],
    ["ar", "مرحبا بالعالم"],
    ["vi", "Tie\u0302\u0301ng Vie\u0323\u0302t e\u0301"]
  ], { alias: "\u202eRTL override\nＦｕｌｌ ｗｉｄｔｈ" }),
  ...novel(ids.trailingNewlineVn, [["en", "Trailing Newline"]], { alias: "First alias\nSecond alias\n" }),
  ...novel(ids.escapesVn, [["en", "Escapes \\ \"quoted\", {braced}"]], {
    description:
      "tab\there, line\nfeed, return\r, back\bspace, form\ffeed, vertical\vtab, C:\\new, \\t, \\\\, \\x41, \\101"
  }),
  ...novel(ids.editionsVn, [["ja", "二つの版", "Futatsu no Han"]]),
  ["vn_editions", [
    { id: ids.editionsVn, eid: 0, lang: "en", official: true, name: "English" },
    { id: ids.editionsVn, eid: 1, lang: null, official: false, name: "Other" }
  ]],
  ["vn_staff", [null, 0, 1].map((eid) => ({ id: ids.editionsVn, aid: ids.mainAlias, role: "translator", eid }))],
  ...novel(ids.danglingVn, [["en", "Dangling"]]),
  ["vn_relations", [{ id: ids.danglingVn, vid: missing.vn, relation: "seq", official: true }]],
  ["vn_screenshots", [{ id: ids.danglingVn, scr: "sf9000001", rid: missing.release }]],
  ["quotes", [{
    id: ids.danglingQuote,
    vid: ids.danglingVn,
    cid: missing.character,
    score: 3,
    quote: "Who said this?"
  }]],
  ["rlists", [{ uid: ids.voters[0] ?? "", rid: missing.release, status: 2 }]],
  ...novel(ids.englishVn, [["en", "In English"], ["ja", "英語で", "Eigo de"]]),
  ...dates(when),
  ...bundle,
  ...details,
  ...(when.day === 0
    ? novel(ids.vanishingVn, [["en", "Gone Tomorrow"]])
    : novel(ids.appearingVn, [["en", "New Today"]])),
  ...novel(ids.changingVn, [["en", "Changing"]], { description: `Day ${when.day}` })
]

const dates = (when: When): ReadonlyArray<Part> => [
  ...novel(ids.datesVn, [["en", "Every Kind of Date"]]),
  ...([
    [ids.releasedUnknown, 0],
    [ids.releasedInMonth, 20_250_099],
    [ids.releasedInYear, 20_259_999],
    [ids.releasedTba, 99_999_999],
    [ids.releasedToday, dateOf(when, 0)],
    [ids.releasedTomorrow, dateOf(when, 1)]
  ] as const).flatMap(([id, released]) => release(id, [ids.datesVn], { released }))
]

const bundle: ReadonlyArray<Part> = [
  ...ids.bundleVns.flatMap((id, at) => novel(id, [["ja", `第${at + 1}話`, `Dai-${at + 1}-wa`]])),
  ...release(ids.bundleRelease, ids.bundleVns, { olang: "ja", title: "全集" }),
  ["releases_images", [{
    id: ids.bundleRelease,
    img: ids.bundleImage,
    vid: ids.bundleVns[0] ?? null,
    itype: "pkgfront"
  }]]
]

const details: ReadonlyArray<Part> = [
  ...release(ids.untitledRelease, [ids.englishVn], { title: "The Only Title" }),
  ["releases_titles", ["de", "es", "ja"].map((lang) => ({ id: ids.untitledRelease, lang, title: null }))],
  ...release(ids.oddResolutionRelease, [ids.englishVn], { reso_x: 0, reso_y: 1, minage: 0, uncensored: null }),
  ["releases_images", [
    { id: ids.oddResolutionRelease, img: ids.unvotedImage, itype: "pkgfront", lang: ["en", "de"] },
    { id: ids.oddResolutionRelease, img: ids.votedImage, itype: "dig", lang: null }
  ]],
  ...release(ids.twiceMediumRelease, [ids.englishVn], { gtin: 4_500_000_000_007, catalog: "KN-\\1" }),
  ["releases_media", [1, 2].map((qty) => ({ id: ids.twiceMediumRelease, medium: "dvd", qty }))],
  ...release(ids.unknownPlatformRelease, [ids.englishVn]),
  ["releases_platforms", [
    { id: ids.unknownPlatformRelease, [unknownEnum.column]: unknownEnum.value },
    { id: ids.unknownPlatformRelease, platform: "win" }
  ]]
]
