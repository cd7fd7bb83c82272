/** Checks the frame of MessagePack bytes before anything is built from them. */

/** Most arrays and maps inside each other. */
export const maxDepth = 512

/**
 * Whether the bytes are exactly one value of JSON's kinds, whose arrays and maps hold what they announce, nested no
 * deeper than 512. Takes time in proportion to the bytes and allocates only the stack of open containers.
 */
export const check = (bytes: Uint8Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { length } = bytes
  /** Values still to come in each open container. */
  const open: Array<number> = []
  /** Values still to come in all of them. Each takes a byte at least, so the bytes end before a false promise does. */
  let owed = 1
  let at = 0

  const unsigned = (size: number): number => {
    if (at + size > length) return Number.MAX_SAFE_INTEGER
    const value = size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at)
    at += size
    return value
  }
  const skip = (size: number): boolean => {
    at += size
    return at <= length
  }
  const enter = (values: number): boolean => {
    owed += values
    if (values > 0) open.push(values)
    return open.length <= maxDepth
  }

  while (owed > 0) {
    if (at >= length) return false
    const lead = view.getUint8(at++)
    owed -= 1
    while (open.length > 0 && open[open.length - 1] === 0) open.pop()
    if (open.length > 0) open[open.length - 1] = (open[open.length - 1] as number) - 1
    if (lead <= 0x7f || lead >= 0xe0 || lead === 0xc0 || lead === 0xc2 || lead === 0xc3) continue
    const fits = lead <= 0x8f
      ? enter((lead & 0x0f) * 2)
      : lead <= 0x9f
      ? enter(lead & 0x0f)
      : lead <= 0xbf
      ? skip(lead & 0x1f)
      : lead === 0xca || lead === 0xce || lead === 0xd2
      ? skip(4)
      : lead === 0xcb || lead === 0xcf || lead === 0xd3
      ? skip(8)
      : lead === 0xcc || lead === 0xd0
      ? skip(1)
      : lead === 0xcd || lead === 0xd1
      ? skip(2)
      : lead >= 0xd9 && lead <= 0xdb
      ? skip(unsigned(2 ** (lead - 0xd9)))
      : lead === 0xdc || lead === 0xdd
      ? enter(unsigned(lead === 0xdc ? 2 : 4))
      : lead === 0xde || lead === 0xdf
      ? enter(unsigned(lead === 0xde ? 2 : 4) * 2)
      // Binary, extensions, and the code that means nothing: no JSON value is written so.
      : false
    if (!fits) return false
  }
  return at === length
}
