/** When somebody has left: their lists go, their votes lose the name, and everything that was derived from them follows. */
import { Consumer, Inbox } from "@kanau/messaging"
import { Database, Outbox } from "@kanau/postgres"
import { Effect, pipe } from "effect"
import * as Users from "../entities/Users.ts"
import { ImageVoted, ListChanged, TokenRevoked, UserDeleted, VnMeasured, VnTagged, VnVoted } from "../events.ts"

const queue = "event-handler.remove-traces"

const remove = ({ id }: UserDeleted) =>
  Effect.gen(function*() {
    const left = yield* Database.faults(Users.removeTraces({ id }))
    const outbox = yield* Outbox.Outbox
    yield* outbox.appendAll([
      new ListChanged({ user: id, vns: left.voted, releases: left.releases }),
      ...left.voted.map((vn) => new VnVoted({ id: vn })),
      ...left.measured.map((vn) => new VnMeasured({ id: vn })),
      ...left.tagged.map((vn) => new VnTagged({ id: vn })),
      ...left.images.map((image) => new ImageVoted({ id: image, user: id })),
      ...left.tokens.map((token) => new TokenRevoked({ id: token, user: id }))
    ])
  })

export const removeTraces = Consumer.make({
  queue,
  handlers: [Consumer.on(UserDeleted, pipe(remove, Inbox.deduplicate(queue)))]
})
