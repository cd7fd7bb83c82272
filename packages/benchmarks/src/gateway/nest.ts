/** The same by-id endpoint as one would write it with NestJS and mongoose. */
import { Controller, Get, Module, NotFoundException, Param } from "@nestjs/common"
import { NestFactory } from "@nestjs/core"
import mongoose from "mongoose"
import type { AddressInfo } from "node:net"
import { answerCpuTime } from "../child.ts"

answerCpuTime()

await mongoose.connect(process.env["MONGODB_URL"] ?? "", { dbName: "bench" })
const { Schema } = mongoose
const Page = mongoose.model(
  "Page",
  new Schema({
    _id: String,
    id: String,
    revision: Number,
    title: String,
    alttitle: String,
    olang: String,
    titles: [
      new Schema({ lang: String, title: String, latin: String, official: Boolean, main: Boolean }, { _id: false })
    ],
    aliases: [String],
    length: Number,
    devstatus: Number,
    description: String,
    image: String,
    votecount: Number,
    rating: Number,
    releases: [
      new Schema({
        id: String,
        title: String,
        released: Number,
        rtype: String,
        languages: [String],
        platforms: [String]
      }, { _id: false })
    ]
  }),
  "plain"
)

class Pages {
  async find(id: string): Promise<object> {
    const found = await Page.findById(id)
    if (found === null) throw new NotFoundException()
    return found.toJSON()
  }
}
class Application {
  readonly controllers = Pages
}
// Decorators by hand, because type stripping leaves them where they are.
Controller("v1/vn")(Pages)
Get(":id")(Pages.prototype, "find", Object.getOwnPropertyDescriptor(Pages.prototype, "find") ?? {})
Param("id")(Pages.prototype, "find", 0)
Module({ controllers: [Pages] })(Application)

const application = await NestFactory.create(Application, { logger: false })
await application.listen(0, "127.0.0.1")
const server = application.getHttpServer() as { readonly address: () => AddressInfo }
process.stdout.write(`http://127.0.0.1:${server.address().port}\n`)
