/**
 * Derives again what events touch. May be done any number of times: what is derived is what the tables say now. What is asked for
 * while a derivation runs is gathered, each thing once.
 */
import type { Fault, Message } from "@kanau/core"
import { Consumer, RetryLadder } from "@kanau/messaging"
import { Database, Outbox } from "@kanau/postgres"
import { Coalesce } from "@kanau/views"
import { Effect } from "effect"
import { ImageVoted, VnMeasured, VnTagged, VnVoted } from "../../community/events.ts"
import { VnFiguresDerived } from "../derivedEvents.ts"
import { charactersOfVn } from "../entities/Dependents.ts"
import { charactersBelowTrait } from "../entities/derived/others.ts"
import { vnsBelowTag } from "../entities/derived/vns.ts"
import { allOf } from "../events.ts"
import * as Derive from "../services/DeriveService.ts"

const gathered = <E, R>(work: (ids: ReadonlyArray<string>) => Effect.Effect<unknown, E, R>) =>
  Coalesce.make((ids) => Effect.asVoid(work(ids)))

/** Everything that can be derived, gathered. */
const make = () => {
  const languages = gathered(Derive.languages)
  return {
    figures: gathered(Derive.figures),
    votes: gathered(Derive.votes),
    tags: gathered(Derive.tags),
    traits: gathered(Derive.traits),
    flags: gathered(Derive.flags),
    languages,
    namesIn: (vn: string) => Effect.flatMap(Database.faults(charactersOfVn(vn)), languages)
  }
}

type Work = ReturnType<typeof make>
type Needs = Effect.Services<ReturnType<Work["figures"]>>
type Done = Effect.Effect<void, Fault.Infrastructure, Needs>

/** Gathered for each system: a process may hold several, as tests do. */
const works = new WeakMap<object, Work>()

const on = <M extends Message.Any>(messages: ReadonlyArray<M>, handle: (work: Work, event: M["Type"]) => Done) =>
  messages.map((message) =>
    Consumer.on(message, (event: M["Type"]) =>
      Effect.flatMap(Outbox.Outbox, (outbox) => {
        const work = works.get(outbox) ?? make()
        works.set(outbox, work)
        return handle(work, event)
      }))
  )

const all = (...effects: ReadonlyArray<Done>): Done => Effect.all(effects, { concurrency: "unbounded", discard: true })

const ofPrefix = (ids: ReadonlyArray<string>, prefix: string): ReadonlyArray<string> =>
  ids.filter((id) => id.startsWith(prefix))

export const derive = Consumer.unordered(Consumer.make({
  queue: "event-handler.derive",
  ladder: RetryLadder.patient,
  handlers: [
    ...on(allOf("vn"), (work, { id, touched }) =>
      all(
        work.figures([id]),
        work.votes([id]),
        work.tags([id]),
        work.namesIn(id),
        work.languages(ofPrefix(touched, "c"))
      )),
    ...on(allOf("release"), (work, { touched }) => work.figures(ofPrefix(touched, "v"))),
    ...on(allOf("character"), (work, { id }) => all(work.languages([id]), work.traits([id]))),
    ...on(
      allOf("tag"),
      (work, { id }) => all(Effect.flatMap(Database.faults(vnsBelowTag({ id })), work.tags), Derive.counts([id]))
    ),
    ...on(
      allOf("trait"),
      (work, { id }) =>
        all(Effect.flatMap(Database.faults(charactersBelowTrait({ id })), work.traits), Derive.counts([id]))
    ),
    ...on([VnFiguresDerived], (work, { id }) => work.namesIn(id)),
    ...on([VnVoted], (work, { id }) => work.votes([id])),
    ...on([VnTagged], (work, { id }) => work.tags([id])),
    ...on([VnMeasured], (work, { id }) => work.figures([id])),
    ...on([ImageVoted], (work, { id }) => work.flags([id]))
  ]
}))
