/** Decides about lists and labels: everybody's own. */
import { Processor } from "@kanau/core"
import { Effect } from "effect"
import { attributes } from "../../accounts/guard.ts"
import { sponsors } from "../../accounts/rules.ts"
import { InconsistentEntry } from "../../wiki/operations/faults.ts"
import * as Lists from "../entities/Lists.ts"
import { ListChanged, VnVoted } from "../events.ts"
import * as Do from "../operations.ts"
import { acting, inOne, mustExist, told } from "./acting.ts"

const voted = 7

/** How many labels of their own people have; sponsors have more. */
const mostLabels = { everybody: 50, sponsors: 250 } as const

const set = Effect.fnUntraced(
  function*({ finished, id: vid, labels, labels_set, labels_unset, notes, started, vote }: Do.SetListEntry) {
    yield* mustExist(vid)
    const { day, uid } = yield* acting
    yield* Lists.ensureLabels({ uid })
    const held = yield* Lists.findListRow({ uid, vid })
    const before = held ?? { vote: null, notes: "", started: null, finished: null, labels: [] }
    const now = vote === undefined ? before.vote : vote
    const wanted = new Set(labels ?? before.labels)
    for (const id of labels_set ?? []) wanted.add(id)
    for (const id of labels_unset ?? []) wanted.delete(id)
    wanted.delete(voted)
    const known = yield* Lists.knownLabels({ uid, ids: [...wanted] })
    const unknown = [...wanted].find((id) => !known.includes(id))
    if (unknown !== undefined) return yield* new InconsistentEntry({ rule: `labels: you have no label ${unknown}` })
    if (now !== null) wanted.add(voted)
    yield* Lists.putListRow({
      uid,
      vid,
      day,
      row: {
        vote: now,
        notes: notes ?? before.notes,
        started: started === undefined ? before.started : started,
        finished: finished === undefined ? before.finished : finished,
        labels: [...wanted].toSorted((a, b) => a - b)
      }
    })
    const changed = new ListChanged({ user: uid, vns: [vid], releases: [] })
    return yield* now === before.vote ? told(changed) : told(changed, new VnVoted({ id: vid }))
  },
  inOne
)

const remove = Effect.fnUntraced(function*({ id: vid }: Do.RemoveListEntry) {
  const { uid } = yield* acting
  const held = yield* Lists.findListRow({ uid, vid })
  if (held === undefined) return yield* told()
  yield* Lists.removeListRow({ uid, vid })
  const changed = new ListChanged({ user: uid, vns: [vid], releases: [] })
  return yield* held.vote !== null ? told(changed, new VnVoted({ id: vid })) : told(changed)
}, inOne)

const setStatus = Effect.fnUntraced(function*({ id: rid, status }: Do.SetReleaseStatus) {
  yield* mustExist(rid)
  const { day, uid } = yield* acting
  yield* Lists.putReleaseStatus({ uid, rid, status, day })
  return yield* told(new ListChanged({ user: uid, vns: [], releases: [rid] }))
}, inOne)

const removeStatus = Effect.fnUntraced(function*({ id: rid }: Do.RemoveReleaseStatus) {
  const { uid } = yield* acting
  if (!(yield* Lists.removeReleaseStatus({ uid, rid }))) return yield* told()
  return yield* told(new ListChanged({ user: uid, vns: [], releases: [rid] }))
}, inOne)

const putLabel = Effect.fnUntraced(function*({ id, label, private: hidden }: Do.PutLabel) {
  const { uid } = yield* acting
  yield* Lists.ensureLabels({ uid })
  const most = sponsors(yield* attributes) ? mostLabels.sponsors : mostLabels.everybody
  if ((yield* Lists.countLabels({ uid, except: id })) >= most) {
    return yield* new InconsistentEntry({ rule: `label: you have ${most} already` })
  }
  if (!(yield* Lists.putLabel({ uid, id, label, private: hidden }))) {
    return yield* new InconsistentEntry({ rule: "label: another label has that name" })
  }
  // Who may see a row depends on its labels.
  return yield* told(new ListChanged({ user: uid, vns: yield* Lists.vnsWithLabel({ uid, id }), releases: [] }))
}, inOne)

const removeLabel = Effect.fnUntraced(function*({ id }: Do.RemoveLabel) {
  const { uid } = yield* acting
  const vns = yield* Lists.vnsWithLabel({ uid, id })
  if (!(yield* Lists.removeLabel({ uid, id }))) return yield* told()
  return yield* told(new ListChanged({ user: uid, vns, releases: [] }))
}, inOne)

export const handlers = [
  Processor.on(Do.SetListEntry, set),
  Processor.on(Do.RemoveListEntry, remove),
  Processor.on(Do.SetReleaseStatus, setStatus),
  Processor.on(Do.RemoveReleaseStatus, removeStatus),
  Processor.on(Do.PutLabel, putLabel),
  Processor.on(Do.RemoveLabel, removeLabel)
] as const
