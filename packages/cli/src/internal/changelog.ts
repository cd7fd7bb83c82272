/** Whether a changelog speaks of a contract. */

/** Whether a line has the name of the contract and, after it, its version or the word `removed`. */
export const mentions = (changelog: string, name: string, what: number | "removed"): boolean => {
  const entry = what === "removed" ? "removed" : `v?${what}(?![\\d.]*\\d)`
  return new RegExp(`(?<![\\w.-])${name.replace(/[^\w]/g, "\\$&")}(?![\\w-]|\\.\\w).*?(?<![\\w.])${entry}`).test(
    changelog
  )
}
