import { FaultProxy } from "@kanau/testing"
import { once } from "node:events"
import type { AddressInfo, Socket } from "node:net"
import { connect, createServer } from "node:net"
import { afterAll, afterEach, expect, it } from "vitest"

const echo = createServer((socket) => socket.pipe(socket).on("error", () => socket.destroy()))
await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve))
const { port } = echo.address() as AddressInfo
const proxy = await FaultProxy.start({ host: "127.0.0.1", port })

afterEach(() => proxy.set({}))
afterAll(async () => {
  await proxy.close()
  echo.close()
})

const open = async (): Promise<Socket> => {
  const socket = connect({ host: "127.0.0.1", port: proxy.port })
  await once(socket, "connect")
  return socket
}

const failure = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.once("error", (error) => resolve("code" in error ? error.code : error)))

it("bytes pass unchanged without toxics, and in slices", async () => {
  for (const toxics of [{}, { sliceBytes: 1 }, { latencyMillis: 5, bandwidth: 100_000 }]) {
    proxy.set(toxics)
    const socket = await open()
    const received: Array<Buffer> = []
    socket.on("data", (chunk) => received.push(Buffer.from(chunk)))
    const sent = Buffer.from(Array.from({ length: 2000 }, (_, at) => at % 256))
    socket.end(sent)
    await once(socket, "close")
    expect(Buffer.concat(received).equals(sent)).toBe(true)
  }
})

it("down resets open connections and new ones", async () => {
  const before = await open()
  before.write("x")
  await once(before, "data")
  const reset = failure(before)
  proxy.set({ down: true })
  expect(await reset).toBe("ECONNRESET")
  const after = connect({ host: "127.0.0.1", port: proxy.port })
  expect(await failure(after)).toBe("ECONNRESET")
})

it("a blackhole answers nothing until it is lifted", async () => {
  const socket = await open()
  proxy.set({ blackhole: true })
  let answered = false
  socket.on("data", () => {
    answered = true
  })
  socket.write("x")
  // Another connection's whole life passes meanwhile.
  const direct = connect({ host: "127.0.0.1", port })
  direct.end("y")
  await once(direct.resume(), "close")
  expect(answered).toBe(false)
  proxy.set({})
  await once(socket, "data")
  socket.destroy()
})

it("a connection is reset after so many bytes of the answer", async () => {
  proxy.set({ resetAfterBytes: 10, sliceBytes: 5 })
  const socket = await open()
  let received = 0
  socket.on("data", (chunk) => {
    received += chunk.length
  })
  const reset = failure(socket)
  socket.write(Buffer.alloc(100))
  expect(await reset).toBe("ECONNRESET")
  expect(received).toBeLessThanOrEqual(10)
})
