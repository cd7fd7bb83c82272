import { assert, describe, it } from "@effect/vitest"
import type { ViewStore } from "@kanau/views"
import { matches, those, type World } from "./world.ts"

const releases = (...all: ReadonlyArray<Readonly<Record<string, ViewStore.FieldValue>>>): World => ({
  release: those("r", ...all)
})
const characters = (...all: ReadonlyArray<Readonly<Record<string, ViewStore.FieldValue>>>): World => ({
  character: those("c", ...all)
})

describe("Kana 2.3 filters of releases", () => {
  it("Kana 2.3 null: platform, medium, image, minage, engine", () => {
    const world = releases(
      { platforms: ["win"], media: ["cd"], images: ["dig"], minage: 18, engine: "KiriKiri" },
      { platforms: [""], media: [""], images: [""], minage: null, engine: "" }
    )
    for (const [name, value] of [["platform", "win"], ["medium", "cd"], ["image", "dig"], ["engine", "KiriKiri"]]) {
      assert.strictEqual(matches(world, "release", [name, "=", value]), "r1")
      assert.strictEqual(matches(world, "release", [name, "!=", value]), "r2")
      assert.strictEqual(matches(world, "release", [name, "=", null]), "r2")
      assert.strictEqual(matches(world, "release", [name, "!=", null]), "r1")
    }
    assert.strictEqual(matches(world, "release", ["minage", "=", null]), "r2")
    assert.strictEqual(matches(world, "release", ["minage", "!=", null]), "r1")
    assert.strictEqual(matches(world, "release", ["or", ["minage", "=", 18], ["minage", "!=", 18]]), "r1")
    assert.strictEqual(matches(world, "release", ["minage", "<=", 18]), "r1")
  })

  it("Kana 2.3 resolution: both sides with the same operator; aspect: and the same shape", () => {
    const at = (resx: number, resy: number) => ({
      resx,
      resy,
      aspect: Math.trunc((resx * 100_000) / Math.max(1, resy))
    })
    const world = releases(at(640, 480), at(800, 600), at(640, 360), at(0, 0), at(0, 1), at(320, 240))
    assert.strictEqual(matches(world, "release", ["resolution", "<=", [640, 480]]), "r1 r3 r6")
    assert.strictEqual(matches(world, "release", ["resolution", "=", [640, 480]]), "r1")
    assert.strictEqual(matches(world, "release", ["resolution", "!=", [640, 480]]), "r2 r6")
    assert.strictEqual(matches(world, "release", ["resolution", "=", [0, 1]]), "r5")
    assert.strictEqual(matches(world, "release", ["resolution_aspect", "<=", [640, 480]]), "r1 r6")
    assert.strictEqual(matches(world, "release", ["resolution_aspect", ">", [320, 240]]), "r1 r2")
  })

  it("Kana 2.3 uncensored: unknown is neither", () => {
    const world = releases({ uncensored: true }, { uncensored: false }, { uncensored: null })
    assert.strictEqual(matches(world, "release", ["uncensored", "=", 1]), "r1")
    assert.strictEqual(matches(world, "release", ["uncensored", "!=", 1]), "r2")
  })

  it("Kana 2.3 flags: patch, freeware, official, has_ero, doujin; voiced; extlink; drm", () => {
    for (const name of ["patch", "freeware", "official", "has_ero", "doujin"]) {
      const world = releases({ [name]: true }, { [name]: false })
      assert.strictEqual(matches(world, "release", [name, "=", 1]), "r1")
      assert.strictEqual(matches(world, "release", [name, "!=", 1]), "r2")
    }
    const world = releases(
      { voiced: 4, extlinks: ["steam", "steam,5"], drm: ["Steam"] },
      { voiced: 0, extlinks: ["steam", "steam,55"], drm: [] }
    )
    assert.strictEqual(matches(world, "release", ["voiced", "=", null]), "r2")
    assert.strictEqual(matches(world, "release", ["extlink", "=", "steam"]), "r1 r2")
    assert.strictEqual(matches(world, "release", ["extlink", "=", "https://store.steampowered.com/app/5"]), "r1")
    assert.strictEqual(matches(world, "release", ["drm", "!=", "Steam"]), "r2")
  })

  it("Kana 2.3 animation: of releases that are no patches", () => {
    const world = releases(
      { patch: false, ani_story_sp: ["hand", "3d"], animation_story: 2, ani_bg: true },
      { patch: true, ani_story_sp: ["hand"], animation_story: 2, ani_bg: true },
      { patch: false, ani_story_sp: [""], animation_story: 0, ani_bg: null },
      { patch: false, ani_story_sp: ["no"], animation_story: 1, ani_bg: false }
    )
    assert.strictEqual(matches(world, "release", ["ani_story_sp", "=", "hand"]), "r1")
    assert.strictEqual(matches(world, "release", ["ani_story_sp", "=", null]), "r3")
    assert.strictEqual(matches(world, "release", ["animation_story", "=", 2]), "r1")
    assert.strictEqual(matches(world, "release", ["ani_bg", "=", 1]), "r1")
    assert.strictEqual(matches(world, "release", ["ani_bg", "=", 0]), "r4")
    assert.strictEqual(matches(world, "release", ["ani_bg", "=", null]), "r3")
  })
})

describe("Kana 2.3 filters of characters", () => {
  it("Kana 2.3 body measures: unknown is not matched by !=, and null is unknown", () => {
    const known: ReadonlyArray<readonly [string, unknown, unknown]> = [
      ...["height", "weight", "bust", "waist", "hips", "age"].map((name) => [name, 50, 60] as const),
      ["cup", "B", "C"]
    ]
    for (const [name, low, high] of known) {
      const stored = (value: unknown) => name === "cup" ? (value === "B" ? 4 : 5) : Number(value)
      const world = characters({ [name]: stored(low) }, { [name]: stored(high) }, { [name]: null })
      assert.strictEqual(matches(world, "character", [name, "=", low]), "c1")
      assert.strictEqual(matches(world, "character", [name, "!=", low]), "c2")
      assert.strictEqual(matches(world, "character", [name, "<", high]), "c1")
      assert.strictEqual(matches(world, "character", [name, ">=", low]), "c1 c2")
      assert.strictEqual(matches(world, "character", [name, "=", null]), "c3")
      assert.strictEqual(matches(world, "character", [name, "!=", null]), "c1 c2")
      assert.strictEqual(matches(world, "character", [name, ">", null]), "c1 c2")
      const hasOrder = name === "weight" || name === "age"
      assert.strictEqual(matches(world, "character", [name, "<=", null]), hasOrder ? "c1 c2" : "c3")
    }
  })

  it("Kana 2.3 birthday: a day, a month, unknown", () => {
    const world = characters({ birthday: 229 }, { birthday: 201 }, { birthday: 301 }, { birthday: null })
    assert.strictEqual(matches(world, "character", ["birthday", "=", [2, 29]]), "c1")
    assert.strictEqual(matches(world, "character", ["birthday", "=", [2, 0]]), "c1 c2")
    assert.strictEqual(matches(world, "character", ["birthday", "=", null]), "c4")
    assert.strictEqual(matches(world, "character", ["birthday", "!=", [2, 0]]), "c3 c4")
  })

  it("Kana 2.3 trait and dtrait: spoilers and lies", () => {
    for (const name of ["trait", "dtrait"]) {
      const world = characters(
        { [`${name}s`]: [{ t: "i1", s: 0, x: false }] },
        { [`${name}s`]: [{ t: "i1", s: 2, x: false }] },
        { [`${name}s`]: [{ t: "i1", s: 0, x: true }] }
      )
      assert.strictEqual(matches(world, "character", [name, "=", "i1"]), "c1 c3")
      assert.strictEqual(matches(world, "character", [name, "=", ["i1", 2]]), "c1 c2 c3")
      assert.strictEqual(matches(world, "character", [name, "=", ["i1", 2, 1]]), "c1 c2")
      assert.strictEqual(matches(world, "character", [name, "!=", "i1"]), "c2")
    }
  })

  it("Kana 2.3 sex, gender and blood type", () => {
    const world = characters({ sex: "f", gender: "f", blood_type: "ab" }, {
      sex: "",
      gender: null,
      blood_type: "unknown"
    })
    assert.strictEqual(matches(world, "character", ["sex", "=", "f"]), "c1")
    assert.strictEqual(matches(world, "character", ["sex", "=", "unknown"]), "c2")
    assert.strictEqual(matches(world, "character", ["gender", "!=", "f"]), "c2")
    assert.strictEqual(matches(world, "character", ["blood_type", "=", "unknown"]), "c2")
  })
})
