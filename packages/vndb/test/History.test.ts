import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Wiki } from "../src/index.ts"
import * as Do from "../src/wiki/operations/entries.ts"
import * as Transitions from "../src/wiki/operations/transitions.ts"
import { databases, reset } from "./databases.ts"

const { process } = Wiki.service

for (const database of databases) {
  describe(`History on ${database.name}`, () => {
    layer(database.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect("NV-12 going back brings aliases of staff back, with their numbers", () =>
        Effect.gen(function*() {
          yield* reset
          const aliases = [{ aid: 0, name: "Aoi", latin: null }, { aid: -1, name: "Akane", latin: null }]
          const { id } = yield* process(new Do.CreateStaff({ lang: "ja", main: 0, aliases }))
          const first = yield* process(new Do.FindStaff({ id }))
          const kept = first.aliases.filter(({ aid }) => aid !== first.main)
          yield* process(new Do.EditStaff({ id, main: kept[0]?.aid ?? 0, aliases: kept }))
          yield* process(new Transitions.RevertEntry({ id, revision: 1 }))
          const { aliases: now, main } = yield* process(new Do.FindStaff({ id }))
          assert.deepStrictEqual([now, main], [first.aliases, first.main])
        }))
    })
  })
}
