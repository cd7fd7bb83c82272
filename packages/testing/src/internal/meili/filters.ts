/** Filter expressions: `or` binds weaker than `and`, `and` weaker than `not`. */
import { MeiliError } from "./errors.ts"
import { declares } from "./settings.ts"
import type { Index } from "./state.ts"
import type { Json, JsonObject } from "./values.ts"
import { fold, isObject, listOf, member, textOf, valuesOf } from "./values.ts"

export type Test = (document: JsonObject) => boolean

interface Parsed {
  readonly test: Test
  readonly attributes: ReadonlyArray<string>
}

/** The filter of a request, over an index that declares its attributes. */
export const filter = (index: Index, source: Json | undefined, code: string): Test => {
  if (source === undefined || source === null || source === "") return () => true
  const { attributes, test } = parse(source, code)
  for (const attribute of attributes) {
    if (!declares(index.settings["filterableAttributes"], attribute)) {
      throw new MeiliError(400, code, `Index \`${index.uid}\`: Attribute \`${attribute}\` is not filterable.`)
    }
  }
  return test
}

/** Text, or lists of it: the outer one means "and", an inner one "or". */
export const parse = (source: Json, code: string): Parsed => {
  if (!Array.isArray(source)) return new Parser(textOf(source), code).parsed()
  const all = listOf(source).map((one) => (Array.isArray(one) ? listOf(one) : [one]).map((each) => parse(each, code)))
  return {
    attributes: all.flat().flatMap(({ attributes }) => attributes),
    test: (document) => all.every((any) => any.some(({ test }) => test(document)))
  }
}

interface Token {
  readonly text: string
  readonly isQuoted: boolean
}

const tokens = /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(>=|<=|!=|[=<>()[\],])|([^\s=<>!()[\],]+))/g
const comparisons = ["=", "!=", ">", "<", ">=", "<="]

class Parser {
  readonly #source: string
  readonly #code: string
  readonly #tokens: ReadonlyArray<Token>
  readonly #attributes: Array<string> = []
  #at = 0

  constructor(source: string, code: string) {
    this.#source = source
    this.#code = code
    this.#tokens = [...source.matchAll(tokens)].map(([, quoted, sign, bare]) => ({
      text: quoted === undefined ? sign ?? bare ?? "" : quoted.slice(1, -1).replace(/\\(.)/g, "$1"),
      isQuoted: quoted !== undefined
    }))
  }

  parsed(): Parsed {
    const test = this.#or()
    if (this.#at < this.#tokens.length) this.#fail()
    return { test, attributes: this.#attributes }
  }

  #fail(): never {
    throw new MeiliError(
      400,
      this.#code,
      `Was expecting an operation \`=\`, \`!=\`, \`>=\`, \`>\`, \`<=\`, \`<\`, \`IN\`, \`NOT IN\`, \`TO\`, \`EXISTS\`, ` +
        `\`IS NULL\`, \`IS EMPTY\` at \`${this.#source}\`.`
    )
  }

  #take(word: string): boolean {
    const token = this.#tokens[this.#at]
    if (token === undefined || token.isQuoted || token.text.toUpperCase() !== word) return false
    this.#at++
    return true
  }

  #value(): string {
    const token = this.#tokens[this.#at++]
    return token !== undefined && (token.isQuoted || !/^[=<>()[\],]+$/.test(token.text)) ? token.text : this.#fail()
  }

  #or(): Test {
    let left = this.#and()
    while (this.#take("OR")) {
      const [a, b] = [left, this.#and()]
      left = (document) => a(document) || b(document)
    }
    return left
  }

  #and(): Test {
    let left = this.#not()
    while (this.#take("AND")) {
      const [a, b] = [left, this.#not()]
      left = (document) => a(document) && b(document)
    }
    return left
  }

  #not(): Test {
    if (this.#take("NOT")) {
      const test = this.#not()
      return (document) => !test(document)
    }
    if (this.#take("(")) {
      const test = this.#or()
      return this.#take(")") ? test : this.#fail()
    }
    return this.#condition()
  }

  #condition(): Test {
    const attribute = this.#value()
    this.#attributes.push(attribute)
    const isNegated = this.#take("NOT")
    const test = this.#operation(attribute)
    return isNegated ? (document) => !test(document) : test
  }

  #operation(attribute: string): Test {
    const some = (test: (value: Json) => boolean): Test => (document) => valuesOf(document, attribute).some(test)
    if (this.#take("EXISTS")) return (document) => member(document, attribute) !== undefined
    if (this.#take("IN")) {
      const wanted: Array<string> = []
      if (!this.#take("[")) this.#fail()
      while (!this.#take("]")) {
        wanted.push(this.#value())
        this.#take(",")
      }
      return some((value) => wanted.some((one) => isEqual(value, one)))
    }
    if (this.#take("CONTAINS")) {
      const wanted = fold(this.#value())
      return some((value) => fold(textOf(value)).includes(wanted))
    }
    if (this.#take("STARTS")) {
      if (!this.#take("WITH")) this.#fail()
      const wanted = fold(this.#value())
      return some((value) => fold(textOf(value)).startsWith(wanted))
    }
    if (this.#take("IS")) {
      const isNegated = this.#take("NOT")
      const test: Test = this.#take("NULL")
        ? (document) => member(document, attribute) === null
        : this.#take("EMPTY")
        ? (document) => isEmpty(member(document, attribute))
        : this.#fail()
      return isNegated ? (document) => !test(document) : test
    }
    const operator = this.#tokens[this.#at++]?.text ?? this.#fail()
    if (!comparisons.includes(operator)) {
      if (!this.#take("TO")) this.#fail()
      const end = this.#value()
      return some((value) => compare(value, operator) >= 0 && compare(value, end) <= 0)
    }
    const wanted = this.#value()
    if (operator === "=") return some((value) => isEqual(value, wanted))
    if (operator === "!=") return (document) => !valuesOf(document, attribute).some((value) => isEqual(value, wanted))
    return some((value) => {
      const order = compare(value, wanted)
      return operator === ">" ? order > 0 : operator === "<" ? order < 0 : operator === ">=" ? order >= 0 : order <= 0
    })
  }
}

const isEqual = (value: Json, wanted: string): boolean =>
  typeof value === "number" ? value === Number(wanted) : fold(textOf(value)) === fold(wanted)

const compare = (value: Json, wanted: string): number =>
  typeof value === "number"
    ? value - Number(wanted)
    : typeof value !== "string" || fold(value) === fold(wanted)
    ? Number.NaN
    : fold(value) < fold(wanted)
    ? -1
    : 1

const isEmpty = (value: Json | undefined): boolean =>
  value === "" || (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0)
