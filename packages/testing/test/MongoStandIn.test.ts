/** The stand-in against the official driver: what adapters may rely on, and that the rest is refused, not faked. */
import { MongoStandIn } from "@kanau/testing"
import type { Collection } from "mongodb"
import { Binary, BSON, Decimal128, Long, MongoBulkWriteError, MongoClient, MongoServerError, ObjectId } from "mongodb"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import { afterAll, beforeEach, describe, expect, it } from "vitest"

interface Item {
  readonly _id: string
  readonly n?: number
  readonly tag?: string
  readonly o?: { readonly k: number }
  readonly l?: ReadonlyArray<number>
  readonly s?: string
  readonly z?: number
  readonly email?: string
  readonly seen?: boolean
}

const server = await MongoStandIn.start()
const client = await MongoClient.connect(server.url, { serverSelectionTimeoutMS: 2000 })
const db = client.db("probe")
const items: Collection<Item> = db.collection("items")

beforeEach(async () => {
  await db.dropDatabase()
  await items.insertMany([
    { _id: "a", n: 1, tag: "x", o: { k: 3 } },
    { _id: "b", n: 2, tag: "y", o: { k: 2 } },
    { _id: "c", n: 3, tag: "x", o: { k: 1 } }
  ])
})
afterAll(async () => {
  await client.close()
  await server.close()
})

const refusal = async (work: Promise<unknown>): Promise<MongoServerError> => {
  const error: unknown = await work.then(() => undefined, (thrown: unknown) => thrown)
  if (error instanceof MongoServerError) return error
  throw new Error(`expected the server to refuse, got ${String(error)}`)
}

const failOnce = (commands: ReadonlyArray<string>, failure: object) =>
  client.db("admin").command({
    configureFailPoint: "failCommand",
    mode: { times: 1 },
    data: { failCommands: commands, ...failure }
  })

describe("reads", () => {
  it("filters, sorts, projects and pages", async () => {
    const some = await items.find({ n: { $gte: 2 } }).sort({ n: -1 }).project({ n: 1 }).toArray()
    expect(some).toEqual([{ _id: "c", n: 3 }, { _id: "b", n: 2 }])
    const nested = await items.find({}, { projection: { _id: 0, "o.k": 1 } }).sort({ "o.k": 1 }).skip(1).limit(1)
      .toArray()
    expect(nested).toEqual([{ o: { k: 2 } }])
    expect(await items.find({ _id: "a" }, { projection: { o: 0, tag: 0 } }).toArray()).toEqual([{ _id: "a", n: 1 }])
    const either = await items.find({ $or: [{ tag: { $in: ["y"] } }, { _id: /^c/ }], o: { $exists: true } }).toArray()
    expect(either.map((item) => item._id)).toEqual(["b", "c"])
  })

  it("sorts by kind, then by value: null and missing alike and least, texts by code point, lists by an end", async () => {
    const values: Collection<{ _id: string; v?: unknown }> = db.collection("values")
    const ordered: ReadonlyArray<readonly [id: string, v?: unknown]> = [
      ["a0", []],
      ["b0", null],
      ["b1"],
      ["c0", -1.5],
      ["c1", [0, 9]],
      ["c2", Long.fromString("9007199254740993")],
      ["d0", ""],
      ["d1", "B"],
      ["d2", "a"],
      ["d3", "\uffff"],
      ["d4", "\u{10000}"],
      ["e0", { k: 1 }],
      ["f0", new Binary(Buffer.of(1))],
      ["g0", new ObjectId()],
      ["h0", false],
      ["h1", true],
      ["i0", new Date(0)]
    ]
    for (const [_id, ...v] of ordered.toReversed()) await values.insertOne({ _id, ...(v.length > 0 && { v: v[0] }) })
    const ids = (found: ReadonlyArray<{ readonly _id: string }>) => found.map(({ _id }) => _id)
    expect(ids(await values.find().sort({ v: 1, _id: 1 }).toArray())).toEqual(ordered.map(([id]) => id))
    const descending = ids(await values.find({ _id: /^c/ }).sort({ v: -1 }).toArray())
    expect(descending).toEqual(["c2", "c1", "c0"])
    expect(ids(await values.find({ v: null }).sort({ _id: -1 }).toArray())).toEqual(["b1", "b0"])
    expect(ids(await values.find({ v: { $in: [null, 9, "B"] } }).sort({ _id: 1 }).toArray())).toEqual(
      ["b0", "b1", "c1", "d1"]
    )
    expect(ids(await values.find({ v: { $gt: null } }).toArray())).toEqual([])
    expect(ids(await values.find({ v: { $gte: null } }).sort({ _id: 1 }).toArray())).toEqual(["b0", "b1"])
    await values.insertOne({ _id: "e1", v: { a: Long.fromInt(1), b: { c: 2 } } })
    expect(ids(await values.find({ v: { a: 1, b: { c: Long.fromInt(2) } } }).toArray())).toEqual(["e1"])
    expect(await values.countDocuments({ v: { b: { c: 2 }, a: 1 } })).toBe(0)
    // A comparison is about values of the same kind.
    expect(ids(await values.find({ v: { $gte: "a" } }).sort({ _id: 1 }).toArray())).toEqual(["d2", "d3", "d4"])
    expect(ids(await values.find({ v: { $lt: 1 } }).sort({ _id: 1 }).toArray())).toEqual(["c0", "c1"])
    const behind = { $or: [{ $and: [{ v: { $gt: "a" } }] }, { $and: [{ v: { $eq: "a" } }, { _id: { $gt: "d1" } }] }] }
    expect(ids(await values.find(behind).sort({ v: -1, _id: -1 }).limit(2).toArray())).toEqual(["d4", "d3"])
  })

  it("finds by id and by list of ids, together with other conditions", async () => {
    expect((await items.findOne({ _id: "b" }))?.n).toBe(2)
    const listed = await items.find({ _id: { $in: ["c", "a", "nope", "a"] } }).toArray()
    expect(listed.map((item) => item._id)).toEqual(["c", "a"])
    expect(await items.findOne({ _id: "b", n: 1 })).toBeNull()
    expect(await items.find({ _id: { $in: ["a", "b"], $ne: "a" } }).toArray()).toHaveLength(1)
  })

  it("counts, and lists distinct values", async () => {
    expect(await items.countDocuments({ tag: "x" })).toBe(2)
    expect(await items.countDocuments({ _id: "a", tag: "y" })).toBe(0)
    expect(await items.estimatedDocumentCount()).toBe(3)
    expect((await items.distinct("tag")).sort()).toEqual(["x", "y"])
  })

  it("hands out long results in batches", async () => {
    const big: Collection<{ i: number }> = db.collection("big")
    await big.insertMany(Array.from({ length: 250 }, (_, i) => ({ i })))
    const seen: Array<number> = []
    for await (const { i } of big.find({}).batchSize(20)) seen.push(i)
    expect(seen).toEqual(Array.from({ length: 250 }, (_, i) => i))
    const early = big.find({}).batchSize(2)
    await early.next()
    await early.close()
  })

  it("aggregates, with groups and look-ups", async () => {
    const groups = await items.aggregate([
      { $match: { tag: { $exists: true } } },
      { $group: { _id: "$tag", sum: { $sum: "$n" } } },
      { $sort: { _id: 1 } }
    ]).toArray()
    expect(groups).toEqual([{ _id: "x", sum: 4 }, { _id: "y", sum: 2 }])
    await db.collection<Item>("tags").insertOne({ _id: "x", s: "X" })
    const joined = await items.aggregate([
      { $match: { _id: "a" } },
      { $lookup: { from: "tags", localField: "tag", foreignField: "_id", as: "t" } },
      { $unwind: "$t" },
      { $project: { label: "$t.s" } }
    ]).toArray()
    expect(joined).toEqual([{ _id: "a", label: "X" }])
  })
})

describe("values", () => {
  it("keeps 64-bit integers, and compares and sorts them exactly", async () => {
    const numbers: Collection<{ _id: string; v: Long | number | bigint }> = db.collection("numbers")
    const base = 2n ** 53n
    await numbers.insertMany([
      { _id: "two", v: Long.fromBigInt(base + 2n) },
      { _id: "nine", v: Long.fromBigInt(9n) },
      { _id: "one", v: Long.fromBigInt(base + 1n) },
      { _id: "ten", v: Long.fromBigInt(10n) },
      { _id: "plain", v: 9 }
    ])
    const ids = async (filter: object) => (await numbers.find(filter).toArray()).map((found) => found._id)
    expect(await ids({ v: { $lt: Long.fromBigInt(base + 2n), $gt: 10 } })).toEqual(["one"])
    expect(await ids({ v: { $lt: Long.fromBigInt(10n) } })).toEqual(["nine", "plain"])
    expect(await ids({ v: 9 })).toEqual(["nine", "plain"])
    expect(await ids({ v: { $ne: 9, $gte: 10, $lte: Long.fromBigInt(base + 1n) } })).toEqual(["one", "ten"])
    expect(await ids({ v: { $in: [10, Long.fromBigInt(base + 2n)] } })).toEqual(["two", "ten"])
    const order = await numbers.find({ v: { $gt: 9 } }).sort({ v: 1 }).toArray()
    expect(order.map((found) => found._id)).toEqual(["ten", "one", "two"])
    const exact = await numbers.findOne({ _id: "one" }, { useBigInt64: true })
    expect(exact?.v).toBe(base + 1n)
  })

  it("keeps dates, ids, decimals, binaries, nulls and patterns", async () => {
    const types = db.collection("types")
    const value = {
      _id: new ObjectId(),
      date: new Date(0),
      decimal: Decimal128.fromString("1.10"),
      binary: new Binary(Buffer.from([0, 255, 128])),
      nothing: null,
      pattern: /x/i
    }
    await types.insertOne(value)
    expect(await types.findOne({ _id: value._id, date: { $lte: new Date() } })).toEqual(value)
  })
})

describe("writes", () => {
  it("updates by operators, pipelines and replacements", async () => {
    const first = await items.updateOne({ _id: "a" }, { $set: { s: "v" }, $inc: { n: 10 } })
    expect([first.matchedCount, first.modifiedCount]).toEqual([1, 1])
    const same = await items.updateOne({ _id: "a" }, { $set: { s: "v" } })
    expect([same.matchedCount, same.modifiedCount]).toEqual([1, 0])
    await items.updateMany({ tag: "x" }, { $push: { l: { $each: [1, 2, 3] } } })
    await items.updateMany({ tag: "x" }, { $pull: { l: 2 }, $unset: { s: "" } })
    await items.updateOne({ _id: "b" }, [{ $set: { double: { $multiply: ["$n", 2] } } }])
    await items.replaceOne({ _id: "c", n: 3 }, { n: 4 })
    expect(await items.find().toArray()).toEqual([
      { _id: "a", n: 11, tag: "x", o: { k: 3 }, l: [1, 3] },
      { _id: "b", n: 2, tag: "y", o: { k: 2 }, double: 4 },
      { _id: "c", n: 4 }
    ])
    expect((await refusal(items.updateOne({ _id: "a" }, [{ $set: { _id: "z" } }]))).code).toBe(66)
  })

  it("upserts once: a filter that misses an existing id is a duplicate", async () => {
    const first = await items.updateOne({ _id: "u" }, { $set: { n: 1 }, $setOnInsert: { z: 2 } }, { upsert: true })
    expect([first.upsertedCount, first.upsertedId]).toEqual([1, "u"])
    expect(await items.findOne({ _id: "u" })).toEqual({ _id: "u", n: 1, z: 2 })
    const stale = await refusal(items.replaceOne({ _id: "u", n: { $lt: 1 } }, { n: 0 }, { upsert: true }))
    expect([stale.code, stale["keyPattern"]]).toEqual([11000, { _id: 1 }])
    await items.replaceOne({ _id: "v", n: { $lt: 5 } }, { n: 5 }, { upsert: true })
    expect(await items.findOne({ _id: "v" })).toEqual({ _id: "v", n: 5 })
  })

  it("an unordered bulk goes on after an error, an ordered one stops", async () => {
    const operations = ["a", "new"].map((_id) => ({ insertOne: { document: { _id } } }))
    const unordered = await refusal(items.bulkWrite(operations, { ordered: false }))
    expect(unordered).toBeInstanceOf(MongoBulkWriteError)
    expect(await items.countDocuments()).toBe(4)
    await items.deleteOne({ _id: "new" })
    await refusal(items.bulkWrite(operations, { ordered: true }))
    expect(await items.countDocuments()).toBe(3)
  })

  it("the bulk write command writes to several collections", async () => {
    const result = await client.bulkWrite([
      { namespace: "probe.items", name: "insertOne", document: { n: 9 } },
      { namespace: "probe.other", name: "updateOne", filter: { n: 7 }, update: { $set: { z: 1 } }, upsert: true },
      { namespace: "probe.items", name: "deleteMany", filter: { tag: "x" } }
    ])
    expect([result.insertedCount, result.upsertedCount, result.deletedCount]).toEqual([1, 1, 2])
  })

  it("finds and modifies in one step", async () => {
    expect((await items.findOneAndUpdate({ _id: "b" }, { $inc: { n: 5 } }, { returnDocument: "after" }))?.n).toBe(7)
    const before = await items.findOneAndUpdate({ tag: "x" }, { $set: { seen: true } }, {
      sort: { n: -1 },
      projection: { n: 1 }
    })
    expect(before).toEqual({ _id: "c", n: 3 })
    expect(await items.findOneAndUpdate({ _id: "nope" }, { $set: { n: 1 } })).toBeNull()
    expect((await items.findOneAndDelete({ _id: "a" }))?._id).toBe("a")
    expect(await items.findOne({ _id: "a" })).toBeNull()
  })

  it("a hundred parallel increments all count", async () => {
    await Promise.all(Array.from({ length: 100 }, () => items.updateOne({ _id: "a" }, { $inc: { n: 1 } })))
    expect((await items.findOne({ _id: "a" }))?.n).toBe(101)
  })
})

describe("indexes and collections", () => {
  it("unique indexes refuse duplicates on insert, update and declaration", async () => {
    const people: Collection<Item> = db.collection("people")
    await people.createIndex({ email: 1 }, { unique: true, name: "email" })
    await people.insertMany([{ _id: "1", email: "e" }, { _id: "2", email: "f" }])
    const inserted = await refusal(people.insertOne({ _id: "3", email: "e" }))
    expect([inserted.code, inserted["keyValue"]]).toEqual([11000, { email: "e" }])
    expect((await refusal(people.updateOne({ _id: "2" }, { $set: { email: "e" } }))).code).toBe(11000)
    await people.deleteOne({ _id: "1" })
    await people.insertOne({ _id: "3", email: "e" })
    expect((await refusal(items.createIndex({ tag: 1 }, { unique: true }))).code).toBe(11000)
  })

  it("partial and sparse indexes ignore what they do not cover", async () => {
    const people: Collection<Item> = db.collection("people")
    await people.createIndex({ k: 1 }, { unique: true, partialFilterExpression: { k: { $exists: true } } })
    await people.createIndex({ s: 1 }, { unique: true, sparse: true })
    await people.insertMany([{ _id: "1" }, { _id: "2" }])
    expect(await people.countDocuments()).toBe(2)
  })

  it("declares TTL indexes, lists and drops indexes and collections", async () => {
    await items.createIndex({ at: 1 }, { expireAfterSeconds: 60 })
    await items.createIndex({ at: 1 }, { expireAfterSeconds: 60 })
    expect((await items.indexes()).map(({ name, expireAfterSeconds }) => [name, expireAfterSeconds])).toEqual([
      ["_id_", undefined],
      ["at_1", 60]
    ])
    expect((await refusal(items.createIndex({ at: 1 }, { expireAfterSeconds: 61 }))).code).toBe(86)
    await items.dropIndex("at_1")
    expect(await items.indexes()).toHaveLength(1)
    await db.createCollection("empty")
    expect((await db.listCollections().toArray()).map(({ name }) => name).sort()).toEqual(["empty", "items"])
    await db.collection("empty").drop()
    expect(await db.listCollections({ name: "empty" }).toArray()).toEqual([])
  })
})

describe("failures", () => {
  it("a retryable write is done once when the answer is lost", async () => {
    await failOnce(["update"], { closeConnection: true })
    await items.updateOne({ _id: "a" }, { $inc: { n: 1 } })
    await failOnce(["update"], { errorCode: 91, errorLabels: ["RetryableWriteError"] })
    await items.updateOne({ _id: "a" }, { $inc: { n: 1 } })
    expect((await items.findOne({ _id: "a" }))?.n).toBe(3)
  })

  it("a write repeated with the same session and number is answered, not done again", async () => {
    const command = {
      update: "items",
      updates: [{ q: { _id: "a" }, u: { $inc: { n: 1 } } }],
      lsid: { id: new Binary(Buffer.alloc(16, 7), Binary.SUBTYPE_UUID) },
      txnNumber: Long.fromNumber(1)
    }
    for (let attempt = 0; attempt < 2; attempt++) await rawCommand({ ...command, $db: "probe" })
    expect((await items.findOne({ _id: "a" }))?.n).toBe(2)
  })

  it("refuses what it does not model", async () => {
    expect((await refusal(db.command({ nopeCommand: 1 }))).code).toBe(59)
    expect((await refusal(items.aggregate([{ $out: "x" }]).toArray())).message).toContain("$out")
    const session = client.startSession()
    session.startTransaction()
    expect((await refusal(items.insertOne({ _id: "t" }, { session }))).message).toContain("no transactions")
    await session.endSession()
    expect(await items.findOne({ _id: "t" })).toBeNull()
  })

  it("bytes of another protocol get the connection closed, and nobody else notices", async () => {
    for (const bytes of ["GET / HTTP/1.1\r\n\r\n".repeat(3), "\0".repeat(64), "\xff".repeat(64)]) {
      const url = new URL(server.url)
      const socket = connect({ host: url.hostname, port: Number(url.port) })
      socket.on("error", () => undefined)
      socket.write(bytes, "latin1")
      await once(socket.resume(), "close")
    }
    expect(await items.countDocuments()).toBe(3)
  })
})

it("runs as a process of its own", async () => {
  const main = new URL("../src/mongoStandInMain.ts", import.meta.url).pathname
  const child = spawn(process.execPath, ["--conditions=@kanau/source", main], { stdio: ["ignore", "pipe", "inherit"] })
  const [line] = await once(child.stdout, "data") as [Buffer]
  const own = await MongoClient.connect(line.toString().trim(), { serverSelectionTimeoutMS: 2000 })
  expect(await own.db("x").collection("y").countDocuments()).toBe(0)
  await own.close()
  child.kill("SIGTERM")
  expect(await once(child, "exit")).toEqual([0, null])
})

/** A command exactly as given, which the driver would number itself. */
const rawCommand = async (command: object): Promise<void> => {
  const body = BSON.serialize(command)
  const message = Buffer.alloc(21)
  message.writeInt32LE(21 + body.length, 0)
  message.writeInt32LE(2013, 12)
  const url = new URL(server.url)
  const socket = connect({ host: url.hostname, port: Number(url.port) })
  socket.write(Buffer.concat([message, body]))
  await once(socket, "data")
  socket.destroy()
}
