/** Who opened the connection, or whom the trusted proxies name. */
import type { IncomingMessage } from "node:http"
import { BlockList, isIP } from "node:net"

/**
 * Addresses as keys for counting: IPv4 as they are, IPv6 by their /64 network, because that is what one household gets.
 *
 * `X-Forwarded-For` is read from the end, where the nearest proxy wrote, for as long as whoever wrote is trusted. What a
 * client writes itself stands before that and is never reached.
 */
export const resolver = (trusted: ReadonlyArray<string>): (incoming: IncomingMessage) => string => {
  const proxies = new BlockList()
  for (const entry of trusted) {
    const [address = "", bits] = entry.split("/")
    const family = familyOf(address)
    if (family === undefined) throw new Error(`${entry} is no address and no network such as 10.0.0.0/8`)
    if (bits === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, Number(bits), family)
  }
  return (incoming) => {
    let address = plain(incoming.socket.remoteAddress ?? "")
    if (trusted.length === 0) return keyOf(address)
    const chain = String(incoming.headers["x-forwarded-for"] ?? "").split(",")
    for (let at = chain.length - 1; at >= 0; at--) {
      const family = familyOf(address)
      if (family === undefined || !proxies.check(address, family)) break
      const before = plain((chain[at] as string).trim())
      if (isIP(before) === 0) break
      address = before
    }
    return keyOf(address)
  }
}

const familyOf = (address: string): "ipv4" | "ipv6" | undefined => {
  const version = isIP(address)
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : undefined
}

/** Without port, brackets and zone; an IPv4 address in IPv6 clothes as what it is. */
const plain = (text: string): string => {
  const address = text.replace(/^\[([^\]]*)\](:\d+)?$/, "$1").replace(/^([\d.]+):\d+$/, "$1").replace(/%.*$/, "")
  return address.replace(/^::ffff:(?=\d+\.)/i, "")
}

const keyOf = (address: string): string => {
  if (isIP(address) !== 6) return address === "" ? "-" : address
  const [front = "", back] = address.toLowerCase().split("::")
  const groups = front === "" ? [] : front.split(":")
  if (back !== undefined) {
    const behind = back === "" ? 0 : back.split(":").length
    while (groups.length + behind < 8) groups.push("0")
  }
  return groups.slice(0, 4).concat("0", "0", "0", "0").slice(0, 4).map((group) =>
    Number.parseInt(group, 16).toString(16)
  )
    .join(":")
}
