/** What the public lists filter and sort by: view-managers keep it, the gateway asks for it. */

export const vnShape = {
  fields: {
    title: "text",
    olang: "text",
    length: "number",
    devstatus: "number",
    votecount: "number",
    rating: "number"
  },
  indexes: [["title"], ["rating"], ["votecount"], ["olang", "title"]]
} as const

export const releaseShape = {
  fields: { title: "text", olang: "text", released: "number" },
  indexes: [["released"], ["title"], ["olang", "released"]]
} as const
