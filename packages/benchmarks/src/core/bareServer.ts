/** A bare Hono server that answers every request with the same few bytes. */
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import type { AddressInfo } from "node:net"
import { answerCpuTime } from "../child.ts"

answerCpuTime()

const app = new Hono().get("/constant", (c) => c.json({ text: "a note" }))

const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
