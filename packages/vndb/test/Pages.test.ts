import { assert, describe, it, layer } from "@effect/vitest"
import { Refresh } from "@kanau/views"
import { Effect, Random, Schema } from "effect"
import { DeriveService, Wiki } from "../src/index.ts"
import { pages } from "../src/roles/ApiGateway.ts"
import { type CharacterFacts, CharacterPage, characterPage } from "../src/wiki/pages/character.ts"
import * as Links from "../src/wiki/pages/links.ts"
import * as Others from "../src/wiki/pages/others.ts"
import { type ReleaseFacts, ReleasePage, releasePage } from "../src/wiki/pages/release.ts"
import * as Values from "../src/wiki/pages/values.ts"
import { type VnFacts, VnPage, vnPage } from "../src/wiki/pages/vn.ts"
import { databases, reset } from "./databases.ts"
import * as World from "./world.ts"

/** Throws unless the page has exactly the members of its schema. */
const strict = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, page: unknown): S["Type"] =>
  Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })(page)

const cover = { id: "cv1234", width: 512, height: 400, votecount: 3, sexual: 33, violence: 200 }

const vnFacts: VnFacts = {
  row: { id: "v17", olang: "ja", length: 0, devstatus: 0, alias: "", description: "" },
  stats: null,
  cover: null,
  titles: [
    { lang: "en", title: "Glass", latin: null, official: false, main: false },
    { lang: "ja", title: "硝子", latin: "Garasu", official: true, main: true }
  ],
  relations: [],
  tags: [],
  inherited: [],
  developers: [],
  editions: [],
  staff: [],
  va: [],
  screenshots: [],
  releases: [],
  extlinks: [],
  wikidata: null,
  anime: [],
  releaseTitles: []
}
const vnOf = (row: Partial<VnFacts["row"]>, more: Partial<VnFacts> = {}) =>
  vnPage({ ...vnFacts, ...more, row: { ...vnFacts.row, ...row } }, 3)

const releaseFacts: ReleaseFacts = {
  row: {
    id: "r5",
    gtin: 0,
    olang: "ja",
    released: 0,
    voiced: 0,
    reso_x: 0,
    reso_y: 0,
    minage: null,
    ani_story: 0,
    ani_ero: 0,
    ani_story_sp: null,
    ani_story_cg: 0,
    ani_cutscene: 1,
    ani_ero_sp: 260,
    ani_ero_cg: 513,
    ani_bg: null,
    ani_face: true,
    has_ero: false,
    patch: false,
    freeware: false,
    uncensored: null,
    official: true,
    catalog: "",
    notes: ""
  },
  main: { title: "箱", latin: "Hako" },
  titles: [
    { lang: "ja", title: "箱", latin: "Hako", mtl: false, main: true },
    { lang: "en", title: null, latin: null, mtl: true, main: false }
  ],
  platforms: [],
  media: [{ medium: "cd", qty: 1 }, { medium: "cd", qty: 2 }],
  vns: [],
  producers: [],
  images: [],
  engine: null,
  drm: [],
  supersedes: [],
  extlinks: []
}
const releaseOf = (row: Partial<ReleaseFacts["row"]>, more: Partial<ReleaseFacts> = {}) =>
  releasePage({ ...releaseFacts, ...more, row: { ...releaseFacts.row, ...row } }, 1).page

const characterFacts: CharacterFacts = {
  row: {
    id: "c3",
    bloodt: "unknown",
    cup_size: "",
    sex: "",
    spoil_sex: null,
    gender: null,
    spoil_gender: null,
    s_bust: 0,
    s_waist: 0,
    s_hip: 0,
    birthday: null,
    height: 0,
    weight: null,
    age: null,
    description: ""
  },
  lang: "ja",
  image: null,
  names: [{ lang: "ja", name: "花", latin: "Hana" }, { lang: "en", name: "Flower", latin: null }],
  aliases: [],
  vns: [],
  traits: [],
  instances: [],
  voices: [],
  inherited: []
}
const characterOf = (row: Partial<CharacterFacts["row"]>, more: Partial<CharacterFacts> = {}) =>
  characterPage({ ...characterFacts, ...more, row: { ...characterFacts.row, ...row } }, 1).page

describe("Normalisation on output (2.4)", () => {
  it("2.4 a release date is a year, with month and day as far as they are known; TBA; null for 0", () => {
    const dates = [
      [20_220_131, "2022-01-31"],
      [20_220_199, "2022-01"],
      [20_229_999, "2022"],
      [99_999_999, "TBA"],
      [0, null],
      [null, null]
    ] as const
    for (const [stored, shown] of dates) assert.strictEqual(Values.partialDate(stored), shown)
    assert.strictEqual(releaseOf({ released: 20_229_999 }).released, "2022")
    assert.isNull(releaseOf({ released: 0 }).released)
  })

  it("2.4 what is empty or 0 is null: descriptions, notes, catalogue numbers, measures, length, voices", () => {
    assert.deepInclude(vnOf({}).page, {
      description: null,
      length: null,
      length_minutes: null,
      rating: null,
      image: null
    })
    assert.deepInclude(vnOf({ description: "d", length: 5 }).page, { description: "d", length: 5 })
    assert.deepInclude(releaseOf({}), {
      notes: null,
      catalog: null,
      voiced: null,
      gtin: null,
      minage: null,
      engine: null
    })
    assert.deepInclude(releaseOf({ voiced: 1, minage: 0, catalog: "X-1", notes: "n" }), {
      voiced: 1,
      minage: 0,
      catalog: "X-1",
      notes: "n"
    })
    const nothing = { height: null, weight: null, bust: null, waist: null, hips: null, cup: null, age: null }
    assert.deepInclude(characterOf({}), { ...nothing, blood_type: null, birthday: null, description: null })
    // Weight and age have a null of their own: 0 is known.
    assert.deepInclude(
      characterOf({ weight: 0, age: 0, height: 160, s_bust: 80, s_waist: 60, s_hip: 85, cup_size: "AA" }),
      {
        weight: 0,
        age: 0,
        height: 160,
        bust: 80,
        waist: 60,
        hips: 85,
        cup: "AA"
      }
    )
    assert.deepStrictEqual(characterOf({ birthday: 229, bloodt: "ab" }).birthday, [2, 29])
    assert.strictEqual(characterOf({ bloodt: "ab" }).blood_type, "ab")
  })

  it("2.4 rating and average are 10 to 100 with one decimal; filters keep what is stored", () => {
    const stats = {
      released: 20_100_599,
      languages: ["ja"],
      platforms: ["win"],
      votecount: 12,
      rating: 786,
      average: 1000,
      length: 130,
      lengthnum: 2
    }
    const { fields, page } = vnOf({ length: 3 }, { stats })
    assert.deepInclude(page, {
      rating: 78.6,
      average: 100,
      votecount: 12,
      released: "2010-05",
      length: 3,
      length_minutes: 130,
      length_votes: 2
    })
    assert.deepInclude(fields, { rating: 786, ratingup: 786, released: 20_100_599, length: [2], num: 17 })
    // Without votes on the length the editors' word counts, and without rating it sorts last.
    assert.deepInclude(vnOf({ length: 3 }).fields, { length: [3], rating: null, ratingup: 99_999, released: 0 })
    const classes = [[1, [1]], [119, [1]], [120, [1, 2]], [600, [2, 3]], [3001, [5]]] as const
    for (const [length, expected] of classes) {
      assert.deepInclude(vnOf({}, { stats: { ...stats, length } }).fields, { length: expected }, String(length))
    }
  })

  it("2.4 the title is the romanised one of the original language, the other title only if it differs", () => {
    assert.deepInclude(vnOf({}).page, { title: "Garasu", alttitle: "硝子" })
    const [en, ja] = vnFacts.titles
    assert.deepInclude(vnOf({}, { titles: [{ ...en!, main: true }, { ...ja!, main: false }] }).page, {
      title: "Glass",
      alttitle: null
    })
    assert.isNull(vnOf({}, { titles: [{ ...ja!, latin: "硝子" }] }).page.alttitle)
    assert.deepInclude(releaseOf({}), { title: "Hako", alttitle: "箱" })
    assert.deepStrictEqual(releaseOf({}).languages[1], { lang: "en", title: null, latin: null, mtl: true, main: false })
    assert.deepInclude(characterOf({}), { name: "Hana", original: "花" })
    assert.deepInclude(characterOf({}, { names: characterFacts.names.toReversed() }), {
      name: "Flower",
      original: null
    })
  })

  it("2.4 images have addresses by number, flags from 0 to 2, and thumbnails but for characters", () => {
    assert.deepStrictEqual(Values.image(cover), {
      id: "cv1234",
      url: "https://t.vndb.org/cv/34/1234.jpg",
      dims: [512, 400],
      sexual: 0.33,
      violence: 2,
      votecount: 3,
      thumbnail: "https://t.vndb.org/cv.t/34/1234.jpg",
      thumbnail_dims: [256, 200]
    })
    const thumbnails = [
      // A cover that is small is its own thumbnail.
      [{ ...cover, id: "cv5", width: 256, height: 400 }, "https://t.vndb.org/cv/05/5.jpg", [256, 400]],
      [{ ...cover, id: "cv5", width: 257, height: 400 }, "https://t.vndb.org/cv.t/05/5.jpg", [256, 398]],
      [{ ...cover, id: "cv100", width: 300, height: 800 }, "https://t.vndb.org/cv.t/00/100.jpg", [150, 400]],
      [{ ...cover, id: "sf7", width: 800, height: 600 }, "https://t.vndb.org/sf.t/07/7.jpg", [136, 102]],
      [{ ...cover, id: "sf7", width: 1280, height: 720 }, "https://t.vndb.org/sf.t/07/7.jpg", [136, 77]],
      // Screenshots always have one.
      [{ ...cover, id: "sf7", width: 100, height: 50 }, "https://t.vndb.org/sf.t/07/7.jpg", [100, 50]]
    ] as const
    for (const [facts, thumbnail, dims] of thumbnails) {
      assert.deepInclude(Values.image(facts), { thumbnail, thumbnail_dims: [...dims] })
    }
    const image = { id: "ch42", width: 256, height: 300, votecount: 0, sexual: 200, violence: 200 }
    assert.deepStrictEqual(characterOf({}, { image }).image, {
      id: "ch42",
      url: "https://t.vndb.org/ch/42/42.jpg",
      dims: [256, 300],
      sexual: 2,
      violence: 2,
      votecount: 0
    })
  })

  it("2.4 a bar code has 10 to 13 digits, its check digit and the prefix of something sold, or is none", () => {
    const codes = [
      [4_988_601_004_312, "4988601004312"],
      [4_988_601_004_313, null],
      [9_780_306_406_157, null],
      [2_000_000_000_008, null],
      [9_600_000_000_003, null],
      // 12 digits, and 11 and 10 with the zeros of a UPC before them.
      [729_089_000_038, "729089000038"],
      [12_345_678_905, "012345678905"],
      [1_234_567_895, "001234567895"],
      [200_000_000_004, null],
      [590_000_000_006, null],
      [123_456_784, null],
      [10_000_000_000_007, null],
      [0, null]
    ] as const
    for (const [stored, shown] of codes) assert.strictEqual(Values.barCode(stored), shown, String(stored))
    assert.strictEqual(releaseOf({ gtin: 4_988_601_004_312 }).gtin, "4988601004312")
  })

  it("2.4 links are addresses by the format of their site; sites that are gone are left out", () => {
    const shown = (...input: Parameters<typeof Links.links>) =>
      Links.links(...input).map(({ id, name, url }) => [name, id, url])
    const found = [
      { site: "toranoana", value: "40030000" },
      { site: "steam", value: "1" },
      { site: "nosuchsite", value: "x" },
      { site: "website", value: "https://a.example/" },
      { site: "website", value: "javascript:alert(1)" }
    ]
    assert.deepStrictEqual(shown("r", found), [
      ["website", "https://a.example/", "https://a.example/"],
      ["steam", "1", "https://store.steampowered.com/app/1/"],
      ["steamdb", "1", "https://steamdb.info/app/1/info/"],
      ["toranoana", "40030000", "https://ec.toranoana.shop/tora/ec/item/000040030000/"]
    ])
    assert.deepStrictEqual(shown("s", [{ site: "kofi", value: "a$&b" }, { site: "imdb", value: "123" }]), [
      ["imdb", "123", "https://www.imdb.com/name/nm0000123"],
      ["kofi", "a$&b", "https://ko-fi.com/a$&b"]
    ])
    // A dump has no number of `gogdb`, so nothing is made up.
    const shops = ["jlist", "gog", "playasia", "kagura", "jastusa", "johren"].map((site) => ({ site, value: "a" }))
    assert.deepStrictEqual(
      shown("r", shops).map(([name]) => name),
      ["gog", "jastusa", "jlist", "johren", "kagura", "playasia"]
    )
    const odd = [["itch", "a/b-c"], ["itch", "a.itch.io/b"], ["appstore", "12"], ["appstore", "us/app/x/id12"]]
    assert.deepStrictEqual(
      shown("r", odd.map(([site = "", value = ""]) => ({ site, value }))).map(([, , url]) => url),
      [
        "https://a.itch.io/b-c",
        "https://a.itch.io/b",
        "https://apps.apple.com/app/id12",
        "https://apps.apple.com/us/app/x/id12"
      ]
    )
    assert.deepStrictEqual(
      shown("v", [], { mobygames: ["x"], mobygames_game: [7] }),
      [["mobygames_game", "7", "https://www.mobygames.com/game/7/"]]
    )
    // What Wikidata knows stands where VNDB shows it, and where the entry has no such link itself.
    const wikidata = { jawiki: "A b?", mobygames: ["x", "y"], twitter: ["z"], igdb_game: [], gog: ["g"] }
    assert.deepStrictEqual(shown("v", [{ site: "renai", value: "r" }, { site: "wikidata", value: "7" }], wikidata), [
      ["jawiki", "A b?", "https://ja.wikipedia.org/wiki/A_b%3f"],
      ["wikidata", "7", "https://www.wikidata.org/wiki/Q7"],
      ["mobygames", "x", "https://www.mobygames.com/game/x"],
      ["mobygames", "y", "https://www.mobygames.com/game/y"],
      ["renai", "r", "https://renai.us/game/r"]
    ])
    assert.deepStrictEqual(shown("p", [], wikidata).map(([name]) => name), ["jawiki", "twitter"])
    assert.deepStrictEqual(shown("p", [{ site: "twitter", value: "own" }], wikidata).at(-1)?.[1], "own")
    assert.deepStrictEqual(Values.linkWords([...found.slice(1, 2), ...found.slice(1, 2)]), ["steam", "steam,1"])
  })

  it("2.4 gender follows sex where that says enough; what is so follows what seems so", () => {
    const cases = [
      [{}, null, null],
      [{ sex: "f" }, ["f", "f"], ["f", "f"]],
      [{ sex: "m", spoil_sex: "f" }, ["m", "f"], ["m", "f"]],
      [{ sex: "b" }, ["b", "b"], null],
      [{ sex: "", spoil_sex: "n" }, [null, "n"], null],
      [{ sex: "m", gender: "f" }, ["m", "m"], ["f", "f"]],
      [{ sex: "m", gender: "o", spoil_gender: "f" }, ["m", "m"], ["o", "f"]],
      [{ sex: "f", spoil_sex: "m", gender: "" }, ["f", "m"], null],
      [{ sex: "f", spoil_gender: "m" }, ["f", "f"], ["f", "m"]]
    ] as const
    for (const [row, sex, gender] of cases) {
      const page = characterOf(row)
      assert.deepStrictEqual<unknown>([page.sex, page.gender], [sex, gender], JSON.stringify(row))
    }
  })

  it("2.4 aliases of characters come with the romanised one before the other, without what gives something away", () => {
    const aliases = [
      { name: "花子", latin: "Hanako", spoiler: 0 },
      { name: "Flo", latin: null, spoiler: 0 },
      { name: "影", latin: "Kage", spoiler: 1 }
    ]
    assert.deepStrictEqual(characterOf({}, { aliases }).aliases, ["Hanako", "花子", "Flo"])
    assert.deepStrictEqual(vnOf({ alias: "GG\nGarden\n" }).page.aliases, ["GG", "Garden"])
    assert.deepStrictEqual(vnOf({ alias: "\n" }).page.aliases, [])
  })

  it("2.4 the resolution is unknown, not standard, or width and height; animation keeps its flags", () => {
    assert.isNull(releaseOf({}).resolution)
    assert.strictEqual(releaseOf({ reso_y: 1 }).resolution, "non-standard")
    assert.deepStrictEqual(releaseOf({ reso_x: 800, reso_y: 600 }).resolution, [800, 600])
    assert.deepStrictEqual(releaseOf({}).animation, {
      story_sprites: null,
      story_scenes: 0,
      cutscenes: 1,
      ero_sprites: 260,
      ero_scenes: 513,
      background: null,
      face: true
    })
    const images = [{ image: cover, type: "pkgfront", vn: null, languages: null }]
    assert.deepInclude(releaseOf({}, { images }).images[0], { id: "cv1234", photo: false, vn: null, languages: null })
  })

  it("2.4 people, makers, tags, traits and quotes", () => {
    const row = { id: "s1", gender: "", lang: "ja", main: 12, description: "" }
    const alias = { aid: 13, name: "葵", latin: "Aoi" }
    const { fields, page } = Others.staffPage({
      row,
      alias,
      aliases: [{ ...alias, ismain: false }],
      credits: [{ id: "v17", role: "art", title: "T", alttitle: null }, {
        id: "v17",
        role: "seiyuu",
        title: "T",
        alttitle: null
      }],
      extlinks: [],
      wikidata: null
    }, 2)
    assert.deepInclude(strict(Others.StaffPage, page), {
      id: "s1",
      aid: 13,
      ismain: false,
      name: "Aoi",
      original: "葵",
      gender: null,
      description: null
    })
    assert.deepInclude(fields, { roles: ["art", "seiyuu"], vns: [{ id: "v17", roles: "/art/seiyuu/" }] })
    const maker = { id: "p1", type: "co", lang: "ja", name: "Kobo", latin: null, alias: "K\n", description: "" }
    assert.deepInclude(
      strict(
        Others.ProducerPage,
        Others.producerPage({ row: maker, relations: [], extlinks: [], wikidata: null }, 1).page
      ),
      {
        name: "Kobo",
        original: null,
        aliases: ["K"],
        description: null
      }
    )
    const word = {
      id: "g1",
      cat: "cont",
      name: "Garden",
      alias: "",
      description: "",
      searchable: true,
      applicable: false
    }
    assert.deepInclude(strict(Others.TagPage, Others.tagPage({ row: word, items: 5, parents: [] }, 1).page), {
      vn_count: 5,
      category: "cont",
      description: null
    })
    const trait = { ...word, id: "i1", gid: null, sexual: false }
    assert.deepInclude(
      strict(Others.TraitPage, Others.traitPage({ row: trait, items: 2, group: null, parents: [] }, 1).page),
      {
        char_count: 2,
        group_id: null,
        group_name: null
      }
    )
    const vn = { id: "v17", title: "Garasu", alttitle: "硝子" }
    const quote = Others.quotePage({ row: { id: "q1", quote: "Q", score: -1, cid: null }, vn, character: null }, 1)
    assert.deepInclude(strict(Others.QuotePage, quote.page), { score: -1, vn, character: null })
  })

  it("2.4 the emptiest pages fit their schemas, strictly", () => {
    strict(VnPage, vnOf({}).page)
    assert.throws(() => strict(VnPage, { ...vnOf({}).page, more: 1 }))
    strict(ReleasePage, releaseOf({}))
    strict(CharacterPage, characterOf({}))
  })
})

for (const database of databases.slice(0, 1)) {
  describe(`Pages on ${database.name}`, () => {
    layer(database.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect(
        "2.4 whatever people do, every page has exactly the members of its published schema",
        () =>
          Effect.gen(function*() {
            yield* reset
            const world = yield* World.make
            let checked = 0
            for (let round = 0; round < 10; round++) {
              for (let at = 0; at < 10; at++) yield* World.step(world)
              yield* Effect.forEach(DeriveService.everything, ({ run }) => run, { discard: true })
              for (const view of Wiki.views) {
                const document = pages.find((page) => page.view === view.name)?.document
                if (document === undefined) return assert.fail(`${view.name} has no page`)
                for (const { bytes, id } of yield* Refresh.derive(view, yield* view.keys(undefined, 10_000))) {
                  if (bytes.length === 0) continue
                  const page: unknown = JSON.parse(new TextDecoder().decode(bytes))
                  assert.doesNotThrow(
                    () => strict(document as Schema.ConstraintDecoder<unknown>, page),
                    undefined,
                    `${view.name} ${id}`
                  )
                  checked++
                }
              }
            }
            assert.isAbove(checked, 200)
          }).pipe(Random.withSeed("pages")),
        60_000
      )
    })
  })
}
