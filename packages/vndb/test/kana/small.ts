/** A small wiki with at least one of everything that the API tells, and the lists of two people. */
import * as Token from "../../src/kana/Token.ts"
import type { Tables } from "./rows.ts"

const tokenOf = (byte: number) => new Uint8Array(20).fill(byte)

/** Tokens: of u2 with all permissions, and with none. */
export const tokens = { full: Token.format(tokenOf(1)), bare: Token.format(tokenOf(2)) }

const votes = (vid: string, ...all: ReadonlyArray<number>) =>
  all.map((vote, at) => ({ uid: `u${10 + at}`, vid, vote, vote_date: "2020-01-01", labels: [7] }))

export const small: Tables = {
  wiki_source: [{ name: "vndb", dumped_at: "2026-03-14T08:00:05Z", attribution: "Of VNDB." }],
  users: [
    { id: "u2", username: "Reader" },
    { id: "u3", username: "other" },
    ...Array.from({ length: 9 }, (_, at) => ({ id: `u${10 + at}`, username: `voter${at}` }))
  ],
  images: [{ id: "cv1" }, { id: "ch1", width: 200, height: 250 }, { id: "sf1", width: 800, height: 600 }],
  extlinks: [{ id: 1, site: "steam", value: "702050" }, { id: 2, site: "website", value: "https://example.org/" }],
  anime: [{ id: 22 }],
  drm: [{
    id: 1,
    disc: true,
    cdkey: false,
    activate: false,
    alimit: false,
    account: false,
    online: false,
    cloud: false,
    physical: false,
    name: "Disc check",
    description: ""
  }],
  engines: [{ id: 1, name: "KiriKiri", description: "" }],
  vn: [
    { id: "v2", alias: "E17\n", description: "About [b]time[/b].", image: "cv1" },
    { id: "v10", olang: "en", length: 2, devstatus: 1 },
    { id: "v17", description: "Another one." },
    { id: "v18", hidden: true }
  ],
  vn_titles: [
    { id: "v2", lang: "ja", title: "エバーセブンティーン", latin: "Ever17 -the out of infinity-" },
    { id: "v2", lang: "en", title: "Ever17", official: false },
    { id: "v10", lang: "en", title: "Garden of Stars" },
    { id: "v17", lang: "ja", title: "ランス", latin: "Rance" },
    { id: "v18", lang: "ja", title: "Hidden" }
  ],
  vn_relations: [
    { id: "v2", vid: "v17", relation: "seq", official: true },
    { id: "v17", vid: "v2", relation: "preq", official: true }
  ],
  vn_anime: [{ id: "v2", aid: 22 }],
  vn_screenshots: [{ id: "v2", scr: "sf1", rid: "r1" }],
  vn_editions: [{ id: "v2", lang: "en", eid: 1, official: true, name: "Global" }],
  releases: [
    { id: "r1", released: 20_020_829, voiced: 4, minage: 15, reso_x: 800, reso_y: 600, engine: 1, catalog: "KID-1" },
    { id: "r2", released: 20_051_299, patch: true, official: false, reso_y: 1, gtin: 4988601004312 },
    { id: "r3", olang: "en", released: 99_999_999, freeware: true, has_ero: true, uncensored: true, minage: 18 },
    { id: "r4", released: 20_019_999, notes: "A trial." }
  ],
  releases_titles: [
    { id: "r1", lang: "ja", title: "エバーセブンティーン 初回限定版", latin: "Ever17 First Press" },
    { id: "r2", lang: "ja", title: "Ever17 Patch" },
    { id: "r2", lang: "en", title: null },
    { id: "r3", lang: "en", title: "Garden of Stars" },
    { id: "r3", lang: "de", title: "Sternengarten", mtl: true },
    { id: "r4", lang: "ja", title: "Rance Trial" }
  ],
  releases_vn: [
    { id: "r1", vid: "v2" },
    { id: "r2", vid: "v2", rtype: "partial" },
    { id: "r3", vid: "v10" },
    { id: "r4", vid: "v17", rtype: "trial" },
    { id: "r4", vid: "v2", rtype: "complete" }
  ],
  releases_platforms: [{ id: "r1", platform: "ps2" }, { id: "r1", platform: "win" }, { id: "r3", platform: "lin" }],
  releases_media: [{ id: "r1", medium: "dvd", qty: 1 }, { id: "r3", medium: "in", qty: 0 }],
  releases_producers: [
    { id: "r1", pid: "p1", publisher: true },
    { id: "r3", pid: "p2" },
    { id: "r4", pid: "p1", developer: false, publisher: true }
  ],
  releases_images: [{ id: "r1", img: "cv1" }],
  releases_drm: [{ id: "r1", drm: 1, notes: "" }],
  releases_extlinks: [{ id: "r1", link: 1 }],
  producers: [
    { id: "p1", name: "キッド", latin: "KID", alias: "KID Corp." },
    { id: "p2", name: "Stars", lang: "en", type: "in" }
  ],
  producers_extlinks: [{ id: "p1", link: 2 }],
  chars: [
    {
      id: "c1",
      image: "ch1",
      sex: "f",
      spoil_sex: "m",
      birthday: 229,
      height: 160,
      s_bust: 80,
      cup_size: "B",
      age: 17,
      bloodt: "a"
    },
    { id: "c2", sex: "m", weight: 0 }
  ],
  chars_names: [{ id: "c1", name: "つぐみ", latin: "Tsugumi" }, { id: "c2", name: "Takeshi" }],
  chars_alias: [{ id: "c1", spoil: 0, name: "別名", latin: "Betsumei" }, {
    id: "c1",
    spoil: 2,
    name: "Secret",
    latin: null
  }],
  chars_vns: [
    { id: "c1", vid: "v2", role: "primary" },
    { id: "c2", vid: "v2" },
    { id: "c2", vid: "v17", role: "side", rid: "r4" }
  ],
  staff: [{ id: "s1", main: 1, gender: "f" }, { id: "s3", main: 4, lang: "en" }],
  staff_alias: [
    { id: "s1", aid: 1, name: "声優", latin: "Seiyuu" },
    { id: "s1", aid: 2, name: "Pen Name" },
    { id: "s3", aid: 4, name: "Writer" }
  ],
  vn_staff: [{ id: "v2", aid: 4 }, { id: "v2", aid: 2, role: "art", eid: 1, note: "cover" }],
  vn_seiyuu: [{ id: "v2", cid: "c1", aid: 1, note: "as child" }],
  tags: [
    { id: "g1", name: "Theme" },
    { id: "g2", name: "Time Travel", alias: "Loop", cat: "cont" },
    { id: "g3", name: "Twist", defaultspoil: 2 },
    { id: "g4", name: "Technical", cat: "tech", searchable: false }
  ],
  tags_parents: [{ id: "g2", parent: "g1" }, { id: "g3", parent: "g1" }],
  tags_vn: [
    { tag: "g2", vid: "v2", uid: "u10", vote: 3 },
    { tag: "g2", vid: "v2", uid: "u11", vote: 2 },
    { tag: "g3", vid: "v17", uid: "u10", vote: 1, lie: true },
    { tag: "g4", vid: "v10", uid: "u10", vote: 2 }
  ],
  traits: [
    { id: "i1", name: "Hair" },
    { id: "i2", name: "Black", gid: "i1" },
    { id: "i3", name: "Secretive", gid: "i1", sexual: true }
  ],
  traits_parents: [{ id: "i2", parent: "i1" }, { id: "i3", parent: "i1" }],
  chars_traits: [{ id: "c1", tid: "i2" }, { id: "c1", tid: "i3", spoil: 1, lie: true }],
  quotes: [
    { id: "q1", vid: "v2", cid: "c1", quote: "Time flows.", score: 3 },
    { id: "q2", vid: "v17", quote: "Ha ha ha.", score: 1 },
    { id: "q3", vid: "v2", quote: "No.", score: -1 }
  ],
  ulist_labels: [
    ...["Playing", "Finished", "Stalled", "Dropped", "Wishlist", "Blacklist"].map((label, at) => ({
      uid: "u2",
      id: at + 1,
      label,
      private: false
    })),
    { uid: "u2", id: 7, label: "Voted", private: true },
    { uid: "u2", id: 10, label: "Secret", private: true },
    { uid: "u2", id: 11, label: "Best", private: false },
    { uid: "u3", id: 7, label: "Voted", private: false }
  ],
  ulist_vns: [
    {
      uid: "u2",
      vid: "v2",
      vote: 85,
      vote_date: "2020-02-03",
      labels: [2, 7, 10],
      notes: "Good.",
      started: "2020-01-05"
    },
    { uid: "u2", vid: "v10", labels: [10], lastmod: "2021-01-01" },
    { uid: "u2", vid: "v17", labels: [], finished: "2020-03-01" },
    { uid: "u2", vid: "v18", labels: [1] },
    ...votes("v2", 90, 80, 85, 90, 70, 60),
    ...votes("v17", 70, 70, 70, 70, 70, 70, 70)
  ],
  rlists: [{ uid: "u2", rid: "r1" }, { uid: "u2", rid: "r3", status: 1 }],
  vn_length_votes: [{ vid: "v2", uid: "u2", length: 1800, rid: ["r1"] }, { vid: "v2", uid: "u3", length: 1600 }],
  api_tokens: [
    { id: Token.digest(tokenOf(1)), uid: "u2", listread: true, listwrite: true, created_at: "2020-01-01T00:00:00Z" },
    { id: Token.digest(tokenOf(2)), uid: "u2", listread: false, listwrite: false, created_at: "2020-01-01T00:00:00Z" }
  ]
}
