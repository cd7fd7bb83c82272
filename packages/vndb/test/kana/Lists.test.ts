import { assert, describe, layer } from "@effect/vitest"
import { Principal } from "@kanau/core"
import { EventLog, PgInbox } from "@kanau/postgres"
import { Effect, Layer, Ref, Stream } from "effect"
import * as Act from "../../src/community/operations.ts"
import { Community } from "../../src/index.ts"
import { settle } from "../world.ts"
import { client, derived, inPostgres } from "./gateway.ts"
import { fill } from "./rows.ts"
import { small } from "./small.ts"

const { process } = Community.service

describe("Lists and tokens", () => {
  layer(Layer.provideMerge(PgInbox.layer, inPostgres), { timeout: "60 seconds", excludeTestServices: true })((it) => {
    it.effect(
      "NV-2 Kana 2.5 what people do with their lists, labels and tokens shows in the API, by events alone",
      () =>
        Effect.gen(function*() {
          yield* fill(small)
          yield* derived
          const { query, send } = yield* client()
          const seen = yield* Ref.make((yield* Stream.runCollect(EventLog.read({}))).length)
          const doing = <A, E, R>(what: Effect.Effect<A, E, R>) =>
            Effect.tap(Effect.provideService(what, Principal.Principal, { name: "Ada" }), () => settle(seen))
          const asked = (headers: Record<string, string>, path = "/authinfo") =>
            Effect.promise(() => send(path, { headers }))

          const made = yield* doing(process(new Act.CreateToken({ listread: true, listwrite: false })))
          assert.match(made.token, /^[a-z1-9]{4}(-[a-z1-9]{5}){2}-[a-z1-9]{4}(-[a-z1-9]{5}){2}-[a-z1-9]{4}$/)
          const headers = { authorization: `Token ${made.token}` }
          const { json: who } = yield* asked(headers)
          assert.deepStrictEqual([who.username, who.permissions], ["Ada", ["listread"]])
          const other = yield* doing(process(new Act.CreateToken({ listread: false, listwrite: true })))
          assert.notStrictEqual(other.token, made.token)

          yield* doing(process(new Act.PutLabel({ id: 10, label: "Mine", private: true })))
          yield* doing(process(new Act.SetListEntry({ id: "v2", vote: 70, labels: [10] })))
          yield* doing(process(new Act.SetListEntry({ id: "v10", labels: [10] })))
          yield* doing(process(new Act.SetReleaseStatus({ id: "r1", status: 2 })))
          yield* doing(process(new Act.VoteLength({ id: "v2", length: 600, speed: 1, releases: ["r1"] })))
          const list = { user: who.id, fields: "vote,labels.label,releases.list_status" }
          const rows = (headers = {}) => Effect.promise(async () => (await query("ulist", list, headers)).json.results)
          const v2 = { id: "v2", vote: 70, releases: [{ id: "r1", list_status: 2 }] }
          // A vote shows that the visual novel is on the list.
          assert.deepStrictEqual(yield* rows(), [{ ...v2, labels: [{ label: "Voted" }] }])
          assert.deepStrictEqual(yield* rows(headers), [
            { ...v2, labels: [{ label: "Voted" }, { label: "Mine" }] },
            { id: "v10", vote: null, releases: [], labels: [{ label: "Mine" }] }
          ])
          assert.strictEqual((yield* rows({ authorization: `Token ${other.token}` })).length, 1)

          yield* doing(process(new Act.PutLabel({ id: 10, label: "Yours", private: false })))
          assert.deepStrictEqual((yield* rows()).map(({ labels }: any) => labels.at(-1)), [
            { label: "Yours" },
            { label: "Yours" }
          ])
          yield* doing(process(new Act.RemoveReleaseStatus({ id: "r1" })))
          assert.deepStrictEqual((yield* rows())[0].releases, [])
          const user = (yield* asked({}, "/user?q=ADA&fields=lengthvotes,lengthvotes_sum")).json["ADA"]
          assert.deepStrictEqual(user, { id: who.id, username: "Ada", lengthvotes: 1, lengthvotes_sum: 600 })

          yield* doing(process(new Act.RevokeToken({ id: made.id })))
          assert.deepStrictEqual((yield* asked(headers)).text, "Invalid token.\n")
          const again = process(new Act.RevokeToken({ id: made.id }))
          const refused = yield* Effect.flip(Effect.provideService(again, Principal.Principal, { name: "Ada" }))
          assert.strictEqual(refused._tag, "EntryNotFound")

          yield* doing(process(new Act.DeleteUser({ id: who.id })))
          assert.strictEqual((yield* asked({ authorization: `Token ${other.token}` })).text, "Invalid token.\n")
          assert.deepStrictEqual(yield* rows(), [])
          assert.isNull((yield* asked({}, "/user?q=Ada")).json["Ada"])
        }).pipe(Effect.scoped),
      60_000
    )
  })
})
