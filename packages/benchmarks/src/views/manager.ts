/** A view-manager of notes in a process of its own, as production runs it. */
import { Consumer } from "@kanau/messaging"
import { Generations, Projection, Rebuild } from "@kanau/views"
import { Effect, References } from "effect"
import { connected, noteView, type Places, queue } from "./note.ts"

const manage = Effect.gen(function*() {
  yield* Generations.prepare([noteView])
  yield* Consumer.run(Projection.consumer(queue, [noteView]), { prefetch: 500 })
  yield* Consumer.run(Rebuild.consumer(queue, [noteView]), { prefetch: 4 })
  process.stdout.write("ready\n")
  return yield* Effect.never
})

await manage.pipe(
  Effect.scoped,
  Effect.provide(connected(process.env as unknown as Places)),
  Effect.provideService(References.MinimumLogLevel, "Error"),
  Effect.runPromise
)
