/** What a dump holds, found by names: tables with their columns, licences and the time it was made. */
import { Fault } from "@kanau/core"
import { invalid } from "./faults.ts"

/** A table in a dump. */
export interface Info {
  readonly table: string
  /** As its header names them: the contract of the file. */
  readonly columns: ReadonlyArray<string>
  /** Of the file, in bytes. */
  readonly size: number
}

export interface Contents {
  readonly timestamp: string
  readonly texts: Readonly<Record<string, string>>
  readonly tables: ReadonlyArray<Info>
}

/** Texts are read whole; no header, licence or README is as large as this. */
export const longestText = 1 << 20

/** Whether a file is read whole when a dump is opened. */
export const isText = (name: string): boolean =>
  name === "TIMESTAMP" || /^[\w.-]+\.txt$/.test(name) || /^db\/\w+\.header$/.test(name)

/** The table whose rows a file holds. */
export const tableOf = (name: string): string | undefined => /^db\/(\w+)$/.exec(name)?.[1]

/** Puts together what was found; `sizes` are the files of tables, `found` the texts by file name. */
export const contents = (
  path: string,
  sizes: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, string>
): Contents => {
  const timestamp = found.get("TIMESTAMP")?.trim()
  const headers = [...found].filter(([name]) => name.startsWith("db/"))
  if (sizes.size === 0 && headers.length === 0) {
    throw invalid(path, "There is no table in it. Name a folder that holds db/, or a .tar.zst of VNDB's database dump.")
  }
  const issues = [
    ...(timestamp === undefined || timestamp === ""
      ? [{ path: "TIMESTAMP", message: "It is missing. Unpack the whole archive, or download it again." }]
      : []),
    ...[...sizes.keys()].filter((table) => !found.has(`db/${table}.header`)).map((table) => ({
      path: `db/${table}.header`,
      message: "It is missing, so the columns of the table are unknown. Unpack the whole archive, or download it again."
    })),
    ...headers.filter(([name]) => !sizes.has(tableOfHeader(name))).map(([name]) => ({
      path: `db/${tableOfHeader(name)}`,
      message: "It is missing, though there is a header for it. Unpack the whole archive, or download it again."
    })),
    ...headers.filter(([, header]) => broken(columnsOf(header))).map(([name]) => ({
      path: name,
      message: "It names no columns, or one of them twice. Download the archive again."
    }))
  ]
  if (issues.length > 0) throw new Fault.InvalidInput({ issues })
  return {
    timestamp: timestamp ?? "",
    texts: Object.fromEntries([...found].filter(([name]) => name.endsWith(".txt"))),
    tables: [...sizes].sort(([one], [other]) => one < other ? -1 : 1).map(([table, size]) => ({
      table,
      columns: columnsOf(found.get(`db/${table}.header`) ?? ""),
      size
    }))
  }
}

const tableOfHeader = (name: string) => name.slice("db/".length, -".header".length)

const columnsOf = (header: string): ReadonlyArray<string> => header.replace(/\r?\n$/, "").split("\t")

const broken = (columns: ReadonlyArray<string>) => columns.includes("") || new Set(columns).size < columns.length
