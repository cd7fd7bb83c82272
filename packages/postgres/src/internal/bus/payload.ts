/**
 * The payloads of notifications: text of less than 8000 bytes. Work is called out as the names of queues; a signal is
 * any bytes, in as many parts as it needs, which one statement sends and nothing comes between.
 */

/** What a payload says. */
export type Message =
  | {
    readonly _tag: "Work"
    /** Who says so. */
    readonly from: string
    /** The queues that have something to do; any, when absent. */
    readonly queues?: ReadonlyArray<string>
  }
  /** A listener that wants to hear itself. */
  | { readonly _tag: "Test"; readonly from: string }
  | { readonly _tag: "Signal"; readonly channel: string; readonly data: Uint8Array }

const most = 7500

export const work = (from: string, queues: ReadonlyArray<string>): string => {
  const payload = `work ${from} ${JSON.stringify(queues)}`
  return Buffer.byteLength(payload) > most ? `work ${from} ` : payload
}

export const test = (from: string): string => `test ${from}`

/** `id` is one no other signal has: equal payloads of one transaction are sent once. */
export const signal = (id: string, channel: string, data: Uint8Array): ReadonlyArray<string> => {
  const name = Buffer.from(channel)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(name.length)
  const text = Buffer.concat([length, name, data]).toString("base64")
  const count = Math.ceil(text.length / most)
  return Array.from(
    { length: count },
    (_, index) => `signal ${id} ${index} ${count} ${text.slice(index * most, (index + 1) * most)}`
  )
}

/** Reads payloads as they come; undefined for a part that is not the last, and for what is none of ours. */
export const assembler = (): (payload: string) => Message | undefined => {
  let partial = { id: "", text: "", next: 0 }
  return (payload) => {
    const [kind, id = "", ...rest] = payload.split(" ")
    if (kind === "work") {
      const names = payload.slice(`work ${id} `.length)
      return names === "" ? { _tag: "Work", from: id } : { _tag: "Work", from: id, queues: namesOf(names) }
    }
    if (kind === "test") return { _tag: "Test", from: id }
    if (kind !== "signal") return undefined
    const [index, count, text = ""] = rest
    if (index === "0") partial = { id, text: "", next: 0 }
    if (partial.id !== id || String(partial.next) !== index) return undefined
    partial = { id, text: partial.text + text, next: partial.next + 1 }
    if (String(partial.next) !== count) return undefined
    const bytes = Buffer.from(partial.text, "base64")
    if (bytes.length < 4) return undefined
    const end = 4 + bytes.readUInt32BE(0)
    return { _tag: "Signal", channel: bytes.toString("utf8", 4, end), data: new Uint8Array(bytes.subarray(end)) }
  }
}

const namesOf = (json: string): ReadonlyArray<string> => {
  try {
    const names: unknown = JSON.parse(json)
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : []
  } catch {
    return []
  }
}
