/**
 * What somebody would write without a view store: Hono, the driver, `findOne` or `find().toArray()`, and `c.json`; and a
 * constant beside it.
 */
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import { MongoClient } from "mongodb"
import type { AddressInfo } from "node:net"
import { answerCpuTime } from "../child.ts"

answerCpuTime()

const client = await MongoClient.connect(process.env["MONGODB_URL"] ?? "")
const pages = client.db("bench").collection<{ _id: string }>("plain")
const constant = Buffer.from(process.env["CONSTANT"] ?? "")

const app = new Hono()
  .get("/v1/vn/:id", async (c) => {
    const found = await pages.findOne({ _id: c.req.param("id") })
    return found === null ? c.json({ error: "not found" }, 404) : c.json(found)
  })
  .get("/v1/vn", async (c) => {
    const limit = Number(c.req.query("limit"))
    return c.json({ results: await pages.find().sort({ title: 1, _id: 1 }).limit(limit).toArray() })
  })
  .get("/constant/:id", (c) => c.body(constant, 200, { "content-type": "application/json" }))

const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
