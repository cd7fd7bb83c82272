/** What connections cost that are open and do nothing. */
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import type { Child } from "../child.ts"

/** Megabytes of the process in memory. */
export const residentMegabytes = ({ pid }: Child): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024

/** Opens connections that each get one answer and stay; gives a function that closes them, and how many still stand. */
export const idle = async (
  { address }: Child,
  path: string,
  count: number
): Promise<{ readonly open: () => number; readonly close: () => void }> => {
  const { hostname, port } = new URL(address)
  const sockets: Array<Socket> = []
  const open = async () => {
    const socket = connect(Number(port), hostname)
    await once(socket, "connect")
    socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`)
    await once(socket, "data")
    socket.on("data", () => {})
    socket.on("error", () => {})
    sockets.push(socket)
  }
  // More at once than the backlog of the server would be refused.
  while (sockets.length < count) await Promise.all(Array.from({ length: Math.min(100, count - sockets.length) }, open))
  return {
    open: () => sockets.filter(({ destroyed, readable }) => !destroyed && readable).length,
    close: () => sockets.forEach((socket) => socket.destroy())
  }
}
