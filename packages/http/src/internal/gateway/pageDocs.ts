/** Pages as OpenAPI 3.1: a document by id, and the collection, by ids or as a list. */
import type { JsonSchema } from "effect"
import * as Answer from "../../Answer.ts"
import type { Page } from "../../Page.ts"
import { componentsOf, type Registry } from "../components.ts"
import { defaultLimit, filtersOf } from "./list.ts"

type SchemaObject = JsonSchema.JsonSchema

export const registerPage = (registry: Registry, page: Page): void => {
  const components = componentsOf(registry)
  const error = components.add(Answer.ErrorBody)
  const document = components.add(page.document)
  const id = components.add(page.id)
  const add = (item: object) => {
    // The registry's type is a union over three versions of OpenAPI and zod; plain JSON Schema fits it at run time.
    registry.registerPath(item as Parameters<Registry["registerPath"]>[0])
  }
  const fields = fieldsOf(page)
  add({
    method: "get",
    path: page.path,
    operationId: `read-${page.view}`,
    summary: page.summary,
    tags: [page.view],
    parameters: [{ name: "id", in: "path", required: true, schema: id }, ...fields, ...requestHeaders],
    responses: responsesOf(document, error, true)
  })
  const { list } = page
  add({
    method: "get",
    path: page.path.slice(0, -"/{id}".length),
    operationId: `list-${page.view}`,
    summary: list === undefined ? `${page.summary}, several by their ids` : `${page.summary}, by ids or as a list`,
    description: list === undefined
      ? "Documents come in the order of the ids; ids without a document are in `missing`."
      : "With `id`, documents come in the order of the ids, ids without a document are in `missing`, and no other "
        + "parameter but `fields` is allowed. Without it this is a page of a list; `next` is the cursor for `after`, "
        + "null on the last page.",
    tags: [page.view],
    parameters: [
      {
        name: "id",
        in: "query",
        required: list === undefined,
        description: "Ids, joined with commas.",
        ...joined({ ...id }, page.maxIds ?? 100)
      },
      ...(list === undefined ? [] : listParameters(list)),
      ...fields,
      ...requestHeaders
    ],
    responses: responsesOf(
      {
        type: "object",
        required: ["results", list === undefined ? "missing" : undefined].filter((name) => name !== undefined),
        properties: {
          results: { type: "array", items: document },
          missing: { type: "array", items: { type: "string" }, description: "With `id`: those that are not there." },
          ...(list === undefined ? {} : { next: { type: ["string", "null"], description: "Of a list: the cursor." } })
        }
      },
      error,
      false
    )
  })
}

const joined = (items: SchemaObject, maxItems: number) => ({
  style: "form",
  explode: false,
  schema: { type: "array", items, maxItems }
})

const fieldsOf = ({ fields = [] }: Page): ReadonlyArray<object> =>
  fields.length === 0 ? [] : [{
    name: "fields",
    in: "query",
    description: "Only these members of each document, joined with commas.",
    ...joined({ type: "string", enum: [...fields] }, fields.length)
  }]

const listParameters = (list: NonNullable<Page["list"]>): ReadonlyArray<object> => [
  ...[...filtersOf(list)].map(([name, { field, is, type }]) => ({
    name,
    in: "query",
    description: `${field} ${sentences[is]}.`,
    ...(is === "in" ? joined(schemaOf[type], 100) : { schema: schemaOf[type] })
  })),
  {
    name: "sort",
    in: "query",
    description: "A minus sign stands before what descends.",
    schema: { type: "string", enum: [...list.sorts], default: list.defaultSort ?? list.sorts[0] }
  },
  {
    name: "limit",
    in: "query",
    description: "Most documents of the page.",
    schema: { type: "integer", minimum: 1, maximum: list.maxLimit, default: defaultLimit(list) }
  },
  {
    name: "after",
    in: "query",
    description: "The `next` of the page before, with the same filters and sort.",
    schema: { type: "string" }
  }
]

const sentences = {
  in: "is, or holds, one of these values, joined with commas",
  gt: "is greater than this",
  gte: "is this or greater",
  lt: "is less than this",
  lte: "is this or less"
}

const schemaOf: Readonly<Record<"text" | "texts" | "number" | "numbers" | "boolean", SchemaObject>> = {
  text: { type: "string" },
  texts: { type: "string" },
  number: { type: "number" },
  numbers: { type: "number" },
  boolean: { type: "boolean" }
}

const requestHeaders: ReadonlyArray<object> = [
  {
    name: "Kanau-After",
    in: "header",
    description: "The Kanau-Position of a change that the answer must show, or several, joined with commas.",
    schema: { type: "string" }
  },
  {
    name: "If-None-Match",
    in: "header",
    description: "The ETag of a copy, in either form, a list of them, or `*`.",
    schema: { type: "string" }
  }
]

const text = (description: string) => ({ description, schema: { type: "string" } })

const contentHeaders = {
  ETag: text("Tag of the bytes; the compressed form has a tag of its own."),
  "Cache-Control": text("How long a copy may be used without asking."),
  Vary: text("`Accept-Encoding, Origin`")
}

const retryAfter = { "Retry-After": text("Seconds to wait.") }

const rateLimit = {
  RateLimit: text("What is left, and in how many seconds all of it is back: `\"client\";r=58;t=3`."),
  "RateLimit-Policy": text("What a client may do: `\"client\";q=60;w=60`.")
}

const responsesOf = (schema: SchemaObject, error: SchemaObject, isOne: boolean): object => {
  const failure = (description: string, headers?: object) => ({
    description,
    ...(headers === undefined ? {} : { headers }),
    content: { "application/json": { schema: error } }
  })
  return {
    200: { description: "Success", headers: contentHeaders, content: { "application/json": { schema } } },
    304: { description: "The copy named by If-None-Match is current", headers: contentHeaders },
    400: failure("invalid-input"),
    ...(isOne ? { 404: failure("not-published") } : {}),
    429: failure("rate-limited", { ...retryAfter, ...rateLimit }),
    503: failure("unavailable, view-behind", retryAfter)
  }
}
