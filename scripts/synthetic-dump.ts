/**
 * Writes the bundled dump: invented visual novels in the layout of VNDB's public dump, the same bytes every time.
 * Usage: node scripts/synthetic-dump.ts [folder] [visual novels]
 */
import * as fs from "node:fs"
import * as path from "node:path"

type Cell = string | number | boolean | null

const folder = process.argv[2] ?? "packages/vndb/dump"
const count = Number(process.argv[3] ?? 160)

const nouns = [
  ["星", "Hoshi", "Stars"],
  ["海", "Umi", "Sea"],
  ["雪", "Yuki", "Snow"],
  ["桜", "Sakura", "Cherry Blossoms"],
  ["夢", "Yume", "Dreams"],
  ["風", "Kaze", "Wind"],
  ["鏡", "Kagami", "Mirrors"],
  ["庭", "Niwa", "Garden"],
  ["手紙", "Tegami", "Letters"],
  ["約束", "Yakusoku", "Promises"],
  ["迷宮", "Meikyuu", "Labyrinth"],
  ["天使", "Tenshi", "Angels"],
  ["図書館", "Toshokan", "Library"],
  ["硝子", "Garasu", "Glass"],
  ["終わり", "Owari", "Endings"],
  ["歌", "Uta", "Songs"],
  ["猫", "Neko", "Cats"],
  ["港", "Minato", "Harbour"],
  ["時計", "Tokei", "Clocks"],
  ["灯台", "Toudai", "Lighthouse"]
] as const

/** A small generator keyed by text, so that one entry never depends on how many others there are. */
const draws = (key: string): (limit: number) => number => {
  let state = 2166136261
  for (const char of key) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 16777619)
  return (limit) => {
    state = Math.imul(state ^ (state >>> 15), 2246822519)
    state = Math.imul(state ^ (state >>> 13), 3266489917)
    state ^= state >>> 16
    return (state >>> 0) % limit
  }
}

const vn: Array<ReadonlyArray<Cell>> = []
const vnTitles: Array<ReadonlyArray<Cell>> = []
const releases: Array<ReadonlyArray<Cell>> = []
const releasesTitles: Array<ReadonlyArray<Cell>> = []
const releasesVn: Array<ReadonlyArray<Cell>> = []
const meta: Array<ReadonlyArray<Cell>> = []

let nextRelease = 1
const release = (options: {
  readonly vns: ReadonlyArray<readonly [id: string, type: string]>
  readonly olang: string
  readonly titles: ReadonlyArray<ReadonlyArray<Cell>>
  readonly released: number
  readonly official?: boolean
  readonly patch?: boolean
  readonly notes?: string
}) => {
  const id = `r${nextRelease++}`
  const draw = draws(id)
  releases.push([
    id,
    0,
    options.olang,
    options.released,
    draw(5),
    1280,
    720,
    draw(3) === 0 ? null : 12,
    0,
    0,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    false,
    options.patch ?? false,
    draw(6) === 0,
    null,
    options.official ?? true,
    "",
    options.notes ?? "",
    null
  ])
  for (const title of options.titles) releasesTitles.push([id, ...title])
  for (const [vid, type] of options.vns) releasesVn.push([id, vid, type])
  meta.push([id, "2024-01-01", "2026-01-01", 1 + draw(4), 1 + draw(6), 1 + draw(3)])
}

const date = (draw: (limit: number) => number) => (2001 + draw(25)) * 10_000 + (1 + draw(12)) * 100 + (1 + draw(28))

for (let number = 1; number <= count; number++) {
  const id = `v${number}`
  const draw = draws(id)
  const [first, second] = [nouns[draw(nouns.length)], nouns[draw(nouns.length)]]
  if (first === undefined || second === undefined) throw new Error("the word list is empty")
  const volume = number > nouns.length ? ` ${1 + Math.floor(number / nouns.length)}` : ""
  const ja = [`${first[0]}の${second[0]}${volume}`, `${first[1]} no ${second[1]}${volume}`] as const
  const en = `${second[2]} of ${first[2]}${volume}`
  const olang = draw(10) < 7 ? "ja" : "en"
  const votes = draw(3) === 0 ? 0 : draw(2000)
  vn.push([
    id,
    null,
    draw(2) === 0 ? `cv${number}` : null,
    olang,
    votes,
    votes < 5 ? null : 500 + draw(400),
    votes === 0 ? null : 500 + draw(400),
    null,
    0,
    draw(6),
    draw(12) === 0 ? 1 : 0,
    draw(4) === 0 ? `${first[1]}${second[1]}\n${first[2]} ${second[2]}` : "",
    `A story about ${first[2].toLowerCase()} and ${second[2].toLowerCase()}, told in ${2 + draw(9)} chapters.`
  ])
  meta.push([id, "2024-01-01", "2026-01-01", 1 + draw(5), 1 + draw(9), 1 + draw(4)])
  if (olang === "ja") {
    vnTitles.push([id, "ja", true, ja[0], ja[1]])
    if (draw(2) === 0) vnTitles.push([id, "en", draw(3) > 0, en, null])
  } else vnTitles.push([id, "en", true, en, null])
  const released = date(draw)
  const titles = olang === "ja" ? [["ja", false, ja[0], ja[1]]] : [["en", false, en, null]]
  if (draw(8) > 0) release({ vns: [[id, "complete"]], olang, titles, released })
  if (draw(5) === 0) release({ vns: [[id, "trial"]], olang, titles, released: released - 1 })
  if (olang === "ja" && draw(3) === 0) {
    release({
      vns: [[id, "complete"]],
      olang: "en",
      titles: [["en", false, en, null]],
      released: date(draw),
      patch: true,
      official: draw(2) === 0
    })
  }
}

// Rows that a careless reader gets wrong.
const odd = (number: number, title: ReadonlyArray<Cell>, description: string) => {
  const id = `v${count + number}`
  vn.push([id, null, null, title[0] ?? "en", 0, null, null, null, 0, 0, 0, "", description])
  vnTitles.push([id, ...title])
  meta.push([id, "2024-01-01", "2026-01-01", 1, 1, 1])
  return id
}
odd(1, ["en", true, "…!?", null], "A title of nothing but punctuation, and [b]markup[/b] in the text.")
odd(2, ["ja", true, "夜想曲🎹", "Yasoukyoku"], "Emoji, a tab\there, a line\nbreak, C:\\new and a literal \\N.")
odd(3, ["fa", true, "باغ آینه‌ها", "Bagh-e ayeneha"], "A title that runs from right to left.")
odd(4, ["vi", true, "Vườn Gương", null], "Combining marks: e\u0301 is not \u00e9.")
release({
  vns: Array.from({ length: 30 }, (_, at) => [`v${at + 1}`, "complete"] as const),
  olang: "ja",
  titles: [["ja", false, "星の全集", "Hoshi no Zenshuu"], ["en", true, null, null], ["zh-Hans", false, null, null]],
  released: 20269999,
  notes: "Thirty visual novels in one box."
})
release({
  vns: [[`v${count + 2}`, "complete"]],
  olang: "ja",
  titles: [["ja", false, "夜想曲🎹", null]],
  released: 99999999
})
release({
  vns: [[`v${count + 3}`, "partial"]],
  olang: "fa",
  titles: [["fa", false, "باغ آینه‌ها", null]],
  released: 20250099
})
release({
  vns: [[`v${count + 4}`, "complete"]],
  olang: "vi",
  titles: [["vi", false, "Vườn Gương", null]],
  released: 0,
  official: false
})

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r" }
const cell = (value: Cell): string =>
  value === null
    ? "\\N"
    : typeof value === "boolean"
    ? value ? "t" : "f"
    : String(value).replace(/[\\\n\t\r]/g, (char) => escapes[char] ?? char)

const write = (table: string, header: string, rows: ReadonlyArray<ReadonlyArray<Cell>>) => {
  fs.writeFileSync(path.join(folder, "db", `${table}.header`), `${header.split(" ").join("\t")}\n`)
  fs.writeFileSync(path.join(folder, "db", table), rows.map((row) => `${row.map(cell).join("\t")}\n`).join(""))
}

fs.mkdirSync(path.join(folder, "db"), { recursive: true })
fs.writeFileSync(path.join(folder, "TIMESTAMP"), "2026-01-01 08:00:05+00\n")
fs.writeFileSync(
  path.join(folder, "README.txt"),
  "Invented data in the layout of VNDB's database dump. Written by scripts/synthetic-dump.ts; free of any rights.\n"
)
write(
  "vn",
  "id image c_image olang c_votecount c_rating c_average c_length c_lengthnum length devstatus alias description",
  vn
)
write("vn_titles", "id lang official title latin", vnTitles)
write(
  "releases",
  "id gtin olang released voiced reso_x reso_y minage ani_story ani_ero ani_story_sp ani_story_cg ani_cutscene ani_ero_sp " +
    "ani_ero_cg ani_bg ani_face has_ero patch freeware uncensored official catalog notes engine",
  releases
)
write("releases_titles", "id lang mtl title latin", releasesTitles)
write("releases_vn", "id vid rtype", releasesVn)
write("entry_meta", "id created lastmod revision num_edits num_users", meta)
