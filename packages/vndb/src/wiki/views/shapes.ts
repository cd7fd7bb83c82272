/** What the public lists and Kana's filters filter and sort by: view-managers keep it, the gateway asks for it. */
import type { ViewStore } from "@kanau/views"
import { documents } from "../../kana/documents.ts"
import type { PageKind } from "../entities/facts.ts"

type Fields = ViewStore.Shape["fields"]

/** Fields beside those of Kana, which knows no pages of documentation. */
const more: Partial<Record<PageKind, Fields>> = {
  release: { olang: "text" },
  doc: { num: "number", title: "text" }
}

/** What is looked up by index; each ends with the id by itself. */
const indexes: Readonly<Record<PageKind, ViewStore.Shape["indexes"]>> = {
  vn: [
    ["num"],
    ["title"],
    ["rating"],
    ["ratingup"],
    ["votecount"],
    ["released"],
    ["olang", "title"],
    ["developers"],
    ["tags.t"],
    ["dtags.t"],
    ["langs"],
    ["platforms"]
  ],
  release: [["num"], ["title"], ["released"], ["olang", "released"], ["vns.id"], ["producers"], ["extlinks"]],
  producer: [["num"], ["name"], ["extlinks"]],
  character: [["num"], ["name"], ["vns.id"], ["traits.t"], ["dtraits.t"], ["seiyuu"], ["birthday"]],
  staff: [["num"], ["name"], ["aid"], ["vns.id"], ["extlinks"]],
  tag: [["num"], ["name"], ["items"]],
  trait: [["num"], ["name"], ["items"]],
  quote: [["num"], ["vn"], ["character"], ["score"]],
  doc: [["num"], ["title"]]
}

const typesOf = (kind: PageKind): Fields =>
  kind === "doc" ? {} : Object.fromEntries(Object.entries(documents[kind]).map(([name, { type }]) => [name, type]))

export const shapeOf = (kind: PageKind): ViewStore.Shape => ({
  fields: { ...typesOf(kind), ...more[kind] },
  indexes: indexes[kind]
})
