import { MongoStandIn } from "@kanau/testing"
import type { Document, Filter } from "mongodb"
import { MongoClient } from "mongodb"
import { afterAll, describe, expect, test } from "vitest"

const standIn = await MongoStandIn.start()
const client = await MongoClient.connect(standIn.url)
afterAll(async () => {
  await client.close()
  await standIn.close()
})
const database = client.db("lookups")

interface Item extends Document {
  readonly _id: string
  readonly name?: unknown
  readonly tags?: unknown
}

/** The same documents in a collection with indexes and in one without. */
const both = async (name: string, items: ReadonlyArray<Item>) => {
  const [indexed, plain] = [database.collection<Item>(`${name}_indexed`), database.collection<Item>(`${name}_plain`)]
  await indexed.createIndex({ name: 1 })
  await indexed.createIndex({ "tags.t": 1, "tags.l": 1 })
  for (const collection of [indexed, plain]) await collection.insertMany([...items])
  return { indexed, plain }
}

const items: ReadonlyArray<Item> = [
  ...Array.from({ length: 40 }, (_, n) => ({
    _id: `i${n}`,
    name: `n${n % 7}`,
    tags: [{ t: `t${n % 5}`, l: n % 3 }, { t: `t${n % 11}`, l: 2 }]
  })),
  { _id: "list", name: ["n1", "x", ["deep"]], tags: { t: "t1", l: 0 } },
  { _id: "odd", name: 1, tags: [{ t: ["t2", "t3"] }, { l: 1 }, "t1"] },
  { _id: "null", name: null, tags: [] },
  { _id: "bare" }
]

const filters: ReadonlyArray<Filter<Item>> = [
  { name: "n1" },
  { name: { $eq: "deep" } },
  { name: { $in: ["n2", "n3", "absent"] } },
  { name: { $in: ["n2", null, 1] } },
  { name: { $in: [/^n1$/, "x"] } },
  { name: null },
  { name: { $ne: "n1" } },
  { name: { $not: { $eq: "n1" } } },
  { name: "n1", "tags.t": "t1" },
  { "tags.t": { $in: ["t1"] }, "tags.l": { $gt: 0 } },
  { tags: { $elemMatch: { t: "t1", l: 2 } } },
  { tags: { $elemMatch: { $and: [{ t: { $in: ["t1", "t9"] } }, { $nor: [{ l: 2 }] }] } } },
  { tags: { $elemMatch: { $or: [{ t: "t4" }, { l: 0 }] } } },
  { tags: { $elemMatch: { $eq: "t1" } } },
  { $and: [{ name: "n1" }, { $and: [{ tags: { $elemMatch: { t: "t1" } } }] }] },
  { $or: [{ name: "n1" }, { "tags.t": "t3" }] },
  { $or: [{ name: "n1" }, { "tags.l": 0 }] },
  { $nor: [{ name: "n1" }] },
  { $and: [{ _id: { $in: ["i1", "i2", "gone"] } }, { name: "n1" }] },
  { $or: [{ _id: "i3" }, { name: "x" }] },
  { $or: [{ _id: { $in: ["i3", "odd"] } }, { _id: "bare" }] }
]

const ids = (found: ReadonlyArray<Item>) => found.map(({ _id }) => _id).toSorted()

describe("MongoDB stand-in", () => {
  test("an index finds what a scan finds, also after documents have changed", async () => {
    const { indexed, plain } = await both("same", items)
    const expectSame = async () => {
      for (const filter of filters) {
        const [found, scanned] = await Promise.all([indexed, plain].map((each) => each.find(filter).toArray()))
        expect([filter, ids(found ?? [])]).toEqual([filter, ids(scanned ?? [])])
        expect(await indexed.countDocuments(filter)).toBe(scanned?.length)
      }
    }
    await expectSame()
    for (const collection of [indexed, plain]) {
      await collection.updateMany({ name: "n1" }, { $set: { name: "n2" } })
      await collection.updateMany({ name: "n3" }, { $unset: { tags: "" } })
      await collection.replaceOne({ _id: "i5" }, { name: "n1", tags: [{ t: "t9", l: 1 }, { t: "t9", l: 0 }] })
      await collection.deleteMany({ "tags.t": "t4" })
      await collection.insertOne({ _id: "new", name: "n1", tags: [{ t: "t1", l: 2 }] })
    }
    await expectSame()
  })

  test("what is found by an index is changed and deleted by it, too", async () => {
    const { indexed } = await both("changed", items)
    expect((await indexed.updateMany({ name: "n1" }, { $set: { name: "n9" } })).matchedCount).toBe(7)
    expect(await indexed.countDocuments({ name: "n1" })).toBe(0)
    expect(await indexed.countDocuments({ name: "n9" })).toBe(7)
    expect((await indexed.deleteMany({ name: "n9" })).deletedCount).toBe(7)
    expect(await indexed.countDocuments({ name: "n9" })).toBe(0)
  })

  test("lists of thousands of texts are looked up, and mixed with other values", async () => {
    const { plain } = await both("many", items)
    const texts = Array.from({ length: 5000 }, (_, n) => `x${n}`)
    expect(ids(await plain.find({ name: { $in: [...texts, "n6", 1] } }).toArray())).toEqual(
      ["i13", "i20", "i27", "i34", "i6", "odd"]
    )
    expect(await plain.countDocuments({ name: { $nin: [...texts, "n6", 1, null] } })).toBe(36)
  })

  test("$unwind keeps empty texts and what is not a list, and drops null, missing and empty lists unless told", async () => {
    const values = database.collection<Item>("unwound")
    await values.insertMany([
      { _id: "a", name: { v: ["", "x", null] } },
      { _id: "b", name: { v: "" } },
      { _id: "c", name: { v: [] } },
      { _id: "d", name: { v: null } },
      { _id: "e", name: {} },
      { _id: "f", name: 1 }
    ])
    const unwound = (rest: object) =>
      values.aggregate([{ $unwind: { path: "$name.v", includeArrayIndex: "at", ...rest } }]).toArray()
    const dropped = [
      { _id: "a", name: { v: "" }, at: 0 },
      { _id: "a", name: { v: "x" }, at: 1 },
      { _id: "a", name: { v: null }, at: 2 },
      { _id: "b", name: { v: "" }, at: null }
    ]
    expect(await unwound({})).toEqual(dropped)
    expect(await unwound({ preserveNullAndEmptyArrays: true })).toEqual([
      ...dropped,
      { _id: "c", name: {}, at: null },
      { _id: "d", name: { v: null }, at: null },
      { _id: "e", name: {}, at: null },
      { _id: "f", name: 1, at: null }
    ])
    // The documents themselves stay as they are.
    expect((await values.findOne({ _id: "a" }))?.name).toEqual({ v: ["", "x", null] })
  })
})
