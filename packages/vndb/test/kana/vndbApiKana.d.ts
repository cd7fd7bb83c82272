/** The package has types, but does not say where they are in the way that modules are resolved today. */
declare module "vndb-api-kana" {
  export interface Query {
    readonly filters?: ReadonlyArray<unknown> | string
    /** The client writes the text over the list that it was given. */
    fields?: ReadonlyArray<string> | string
    readonly sort?: string
    readonly reverse?: boolean
    readonly results?: number
    readonly page?: number
    readonly user?: string
    readonly count?: boolean
    readonly compact_filters?: boolean
    readonly normalized_filters?: boolean
  }

  type Call = (query?: Query) => Promise<Record<string, unknown>>

  export default class Kana {
    constructor(options: { readonly baseURL: string })
    readonly apis: Readonly<
      Record<"getVn" | "getRelease" | "getProducer" | "getCharacter" | "getTag" | "getTrait", Call>
    >
    rawRequest(path: { readonly method: "GET" | "POST"; readonly path: string }, data?: object): Promise<unknown>
    setAuth(token: string): void
  }
}
