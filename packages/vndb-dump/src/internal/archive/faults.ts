/** What is wrong with a dump, and what to do about it. */
import { Fault } from "@kanau/core"

/** One sentence about one place of the dump. */
export const invalid = (path: string, message: string): Fault.InvalidInput =>
  new Fault.InvalidInput({ issues: [{ path, message }] })

/** A fault of its own passes; what the system or a library says is put in plain words. */
export const unreadable = (path: string) => (cause: unknown): Fault.InvalidInput => {
  if (cause instanceof Fault.InvalidInput) return cause
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
  return invalid(path, known[code] ?? damaged(code, cause))
}

const known: Readonly<Record<string, string>> = {
  ENOENT: "This does not exist. Name a folder that holds db/, or a .tar.zst.",
  ENOTDIR: "This is no folder. Name a folder that holds db/, or a .tar.zst.",
  EACCES: "This may not be read or written. Change its permissions, or use another folder.",
  ENOSPC: "The disk is full. Free some space and try again."
}

const damaged = (code: string, cause: unknown): string =>
  code.startsWith("E") && code === code.toUpperCase() && !code.startsWith("ERR_")
    ? `The system refuses it (${code}).`
    : `The archive is damaged, ends early, or is no .tar.zst. Download it again. (${
      cause instanceof Error ? cause.message : "unknown error"
    })`
