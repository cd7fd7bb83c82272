import { assert, describe, it } from "@effect/vitest"
import type { Description } from "@kanau/core"
import { tmpdir } from "node:os"
import { typeText } from "../src/describe/typeText.ts"
import { fixture, kanau } from "./support.ts"

const shop = fixture("shop.ts")

const shown = `shop 3

api
  operation  Order  timeout(operation Order, limitMillis 2000) > takeOrder
  route  POST  /orders  Order  bearer
  page  /orders/{id}  view order  An order

billing
  view  order  changed by shop.ordered
  queue  billing  10 attempts, waits 1 s, 4 s, 16 s, 64 s, 256 s, 600 s
    shop.ordered  inbox(consumer billing) > onceOnly > chargeCard  CardDeclined: dead-letter

clock
  job  stock-count  30 2 * * MON-FRI  Europe/Berlin  sends shop.stock.count-due  catch up: last  up to 60 s late

idle
  (nothing)

contracts of operations
  Order v1: Orders one thing
    takes { sku: string, size?: "s" | "m" | "l" }
    gives { id: string }
    fails OutOfStock (conflict, HTTP 409)

contracts of messages
  shop.ordered          v1  event   application/json  { id: string, cents: integer }
  shop.stock.count-due  v1  signal  application/json  { day: string }

faults, where nothing else is said
`

describe("kanau describe", () => {
  it("shows operations, layers, routes, queues, views, jobs, contracts and what errors lead to", async () => {
    const { code, errors, text } = await kanau(tmpdir(), "describe", shop)
    assert.deepStrictEqual([code, errors], [0, ""])
    assert.strictEqual(text.slice(0, shown.length), shown)
    assert.include(text, "defect             500   retry, at most 3 attempts")
  })

  it("--json prints all of it, contracts as JSON Schema", async () => {
    const { text } = await kanau(tmpdir(), "describe", shop, "--json")
    const description = JSON.parse(text) as Description.Description
    assert.deepStrictEqual(Object.keys(description.roles), ["api", "billing", "clock", "idle"])
    assert.include(JSON.stringify(description.operations["Order"]?.input), `"required":["sku"]`)
    assert.include(JSON.stringify(description.messages["shop.ordered"]?.schema), `"required":["id","cents"]`)
  })

  it("--asyncapi prints queues and messages with their dispositions", async () => {
    const { text } = await kanau(tmpdir(), "describe", shop, "--asyncapi")
    const document = JSON.parse(text) as { readonly asyncapi: string; readonly operations: object }
    assert.strictEqual(document.asyncapi, "3.0.0")
    assert.include(JSON.stringify(document.operations), `"errors":{"CardDeclined":"dead-letter"}`)
  })

  it("wrong use exits with 2 and says what to do", async () => {
    const both = await kanau(tmpdir(), "describe", shop, "--json", "--asyncapi")
    assert.deepStrictEqual([both.code, both.errors], [2, "Choose one of --json and --asyncapi.\n"])
    const none = await kanau(tmpdir(), "describe", "nowhere.ts")
    assert.strictEqual(none.code, 2)
    assert.include(none.errors, "nowhere.ts cannot be imported")
  })
})

describe("types on one line", () => {
  const cases: ReadonlyArray<readonly [schema: Parameters<typeof typeText>[0], text: string]> = [
    [{ type: "string" }, "string"],
    [{ type: ["string", "null"] }, "string | null"],
    [{ const: 1 }, "1"],
    [{ enum: [1, "a"] }, `1 | "a"`],
    [{ type: "array", items: { type: "number" } }, "Array<number>"],
    [{ type: "array" }, "Array<unknown>"],
    [{ type: "array", prefixItems: [{ type: "string" }, { type: "number" }] }, "[string, number]"],
    [{ type: "object" }, "{}"],
    [{ type: "object", additionalProperties: { type: "number" } }, "{ [name: string]: number }"],
    [{ allOf: [{ type: "string" }] }, "string"],
    [{}, "unknown"],
    [{ enum: Array.from({ length: 10 }, (_, at) => at) }, "0 | 1 | 2 | 3 | 4 | 5 | … 4 more"],
    [{ $ref: "#/$defs/Id", $defs: { Id: { type: "string" } } }, "string"],
    [
      {
        $ref: "#/$defs/Tree",
        $defs: { Tree: { type: "object", properties: { of: { type: "array", items: { $ref: "#/$defs/Tree" } } } } }
      },
      "{ of?: Array<Tree> }"
    ]
  ]
  for (const [schema, expected] of cases) {
    it(`${JSON.stringify(schema)} is ${expected}`, () => assert.strictEqual(typeText(schema), expected))
  }
})
