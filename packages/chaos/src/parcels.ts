/** Messages by chance: garbage of every kind, and a fine one in every so many. The same chance gives the same. */
import { type Envelope, Message } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import { Schema } from "effect"
import type { Chance } from "./faults.ts"

/** The one message that has a handler. */
export class Fine extends Message.event<Fine>()("garbage.fine", {
  fields: { n: Schema.Int },
  subject: ({ n }) => `${n % 20}`
}) {}

/** One message in so many is a fine one. */
const every = 1000

/** How many of `count` messages are fine ones. */
export const fineOf = (count: number): number => Math.floor(count / every)

/** So many messages; `sample` is a fine one, which most of the garbage resembles. */
export function* parcels(count: number, chance: Chance, sample: Envelope.Envelope): Generator<Bus.Parcel, void> {
  for (let at = 1; at <= count; at++) yield at % every === 0 ? fine(sample, at / every) : garbage(sample, at, chance)
}

/** A fine one with a number of its own. */
export const fine = ({ data: _, ...attributes }: Envelope.Envelope, n: number): Bus.Parcel => ({
  attributes: { ...attributes, id: `fine ${n}`, subject: `${n % 20}` },
  data: new TextEncoder().encode(JSON.stringify({ n }))
})

const garbage = ({ data, ...attributes }: Envelope.Envelope, at: number, chance: Chance): Bus.Parcel => {
  const named = { ...attributes, id: `garbage ${at}` }
  switch (below(chance, 5)) {
    case 0:
      return { attributes: named, data: bytes(chance) }
    case 1:
      return { attributes: { ...named, type: `garbage.${text(chance, 20)}` }, data }
    case 2:
      // No version, or a newer one that has dropped the field.
      return chance() < 0.5
        ? { attributes: { ...named, dataschema: `v${text(chance, 20)}` }, data }
        : { attributes: { ...named, dataschema: `${below(chance, 1000) + 2}` }, data: Buffer.from(`{"m":${at}}`) }
    case 3:
      return {
        attributes: Object.fromEntries(several(chance, 8, () => [name(chance), text(chance, 40)])),
        data: bytes(chance)
      }
    default:
      return { attributes: damaged(named, chance), data: bytes(chance) }
  }
}

/** Some attributes are gone, some are others. */
const damaged = (attributes: Bus.Parcel["attributes"], chance: Chance): Bus.Parcel["attributes"] =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      chance() < 0.2 ? [] : [[name, chance() < 0.2 ? text(chance, 40) : value]]
    )
  )

/** What others may give names, and what a programming language trips over. */
const names = ["__proto__", "constructor", "toString", "x-death", "x-delivery-count", "content-type", "Nats-Msg-Id", ""]

const name = (chance: Chance): string => chance() < 0.2 ? names[below(chance, names.length)] ?? "" : text(chance, 20)

const below = (chance: Chance, limit: number): number => Math.floor(chance() * limit)

const several = <A>(chance: Chance, most: number, make: () => A): Array<A> =>
  Array.from({ length: below(chance, most + 1) }, make)

/** Any characters: controls, quotes, halves of surrogate pairs. */
const text = (chance: Chance, most: number): string =>
  several(chance, most, () => String.fromCharCode(below(chance, chance() < 0.7 ? 128 : 65_536))).join("")

const bytes = (chance: Chance): Uint8Array => {
  const made = new Uint8Array(chance() < 0.002 ? 100_000 : below(chance, 2001))
  for (let at = 0; at < made.length; at++) made[at] = below(chance, 256)
  return made
}
