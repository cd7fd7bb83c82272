/** Characters, staff, producers and tags of the torture pack. */
import { ids, missing } from "../../Torture.ts"
import type { Cells, Part } from "./part.ts"

const character = (id: string, name: string, more: Cells = {}): ReadonlyArray<Part> => [
  ["chars", [{ id, ...more }]],
  ["chars_names", [{ id, lang: "en", name }]],
  // Without a release, which is no value of a key but equal to itself.
  ["chars_vns", [{ id, vid: ids.englishVn, rid: null, role: "side" }]]
]

const [instance, next, main] = ids.instanceChain

export const people: ReadonlyArray<Part> = [
  ...character(ids.leapDayCharacter, "Leap Day", { birthday: 229, image: "ch9000001", bloodt: "ab" }),
  ...character(ids.weightlessCharacter, "Weightless", { weight: 0, age: 0 }),
  ...character(ids.secretCharacter, "Secret", { sex: "f", spoil_sex: "m", gender: "", spoil_gender: "o" }),
  ...character(ids.manyNamesCharacter, "Many Names"),
  ["chars_names", [
    { id: ids.manyNamesCharacter, lang: "ja", name: "名前 多", latin: "Namae Oo" },
    { id: ids.manyNamesCharacter, lang: "ru", name: "Много Имён", latin: "Mnogo Imyon" }
  ]],
  ["chars_vns", [{ id: ids.manyNamesCharacter, vid: ids.englishVn, rid: ids.untitledRelease, role: "main" }]],
  ...character(instance, "Masked", { main: next, main_spoil: 2 }),
  ...character(next, "Younger", { main, main_spoil: 1 }),
  ...character(main, "Herself"),
  ...character(ids.danglingCharacter, "Half Gone", { main: missing.character }),
  ["staff", [{ id: ids.manyAliasesStaff, lang: "ja", main: ids.mainAlias, gender: "f" }]],
  [
    "staff_alias",
    Array.from({ length: 9 }, (_, at) => ({
      id: ids.manyAliasesStaff,
      aid: ids.mainAlias - 8 + at,
      name: `別名${at + 1}`,
      latin: `Betsumei ${at + 1}`
    }))
  ],
  ["producers", [{ id: ids.danglingProducer, type: "co", lang: "en", name: "Dangling Works" }]],
  ["producers_relations", [{ id: ids.danglingProducer, pid: missing.producer, relation: "par" }]],
  ...tags()
]

function tags(): ReadonlyArray<Part> {
  const [top, left, right, bottom] = ids.diamondTags
  const voted = [ids.namelessVotesTag, ids.negativeTag, ids.tieTag, ids.lieSplitTag, ids.ignoredVotesTag]
  const all = [...ids.diamondTags, ...ids.chainTags, ...voted]
  return [
    [
      "tags",
      all.map((id) => ({
        id,
        searchable: id !== ids.unsearchableTag,
        applicable: true,
        name: `Torture ${id}`,
        defaultspoil: id === ids.lieSplitTag ? 2 : 0
      }))
    ],
    ["tags_parents", [
      { id: left, parent: top, main: true },
      { id: right, parent: top, main: true },
      { id: bottom, parent: left, main: true },
      { id: bottom, parent: right, main: false },
      ...ids.chainTags.slice(1).map((id, at) => ({ id, parent: ids.chainTags[at] ?? "", main: true }))
    ]]
  ]
}
