/** `bench vndb [--only PART]`: the reference application with synthetic data. Parts: import, serving, whole. */
import { imports } from "./imports.ts"
import { serving } from "./serving.ts"
import { whole } from "./whole.ts"

const parts: Readonly<Record<string, (options: { readonly quick: boolean }) => Promise<void>>> = {
  import: imports,
  serving,
  whole
}

export const vndb = async (options: { readonly quick: boolean; readonly only?: string }): Promise<void> => {
  for (const [name, run] of Object.entries(parts)) {
    if (options.only === undefined || options.only.split(",").includes(name)) await run(options)
  }
}
