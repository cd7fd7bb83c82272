/** What a newcomer reads once everything runs. */
import * as path from "node:path"
import type { DataFolder } from "./dataFolder.ts"

/** The addresses, and two lines to paste. */
export const welcomeText = (options: {
  /** Address of the public API. */
  readonly pages: string
  /** Address of the mutation API. */
  readonly mutations: string
  readonly data: DataFolder
}): string => {
  const { pages, mutations, data } = options
  const token = path.join(data.folder, "last-position")
  const edit = JSON.stringify({ titles: [{ lang: "en", official: true, title: "A Title of My Own", latin: null }] })
  return `
Nova VNDB runs. Stop it with Ctrl-C; its data stay in ${data.folder}

  public API     ${pages}/v1/vn/v1
  lists          ${pages}/v1/vn?olang=ja&sort=title&fields=id,title
  search         ${pages}/v1/search?q=harbour
  documentation  ${pages}/docs
  mutation API   ${mutations} (documentation at ${mutations}/docs)

Edit a title; this prints the causal token of the edit:

curl -sS -X PATCH ${mutations}/v1/vn/v1 -H 'authorization: Bearer ${data.token}' -H 'content-type: application/json' -d '${edit}' -o /dev/null -w '%header{kanau-position}\\n' | tee ${token}

Read it back through the public API, which waits until the page shows that edit:

curl -sS ${pages}/v1/vn/v1 -H "Kanau-After: $(cat ${token})"

`
}
