/** The public page of a character, and what lists and filters know of it. */
import { Layout } from "@kanau/vndb-dump"
import { Schema } from "effect"
import { labels } from "../../kana/SearchText.ts"
import * as Words from "../vocabulary.ts"
import type { ImageFacts, TitleStub } from "./values.ts"
import * as Values from "./values.ts"

const { filled, known } = Values
const nullable = Schema.NullOr
const list = Schema.Array

export const CharacterPage = Schema.Struct({
  id: Words.CharacterId,
  revision: Schema.Int,
  ...Values.nameStub,
  names: list(Schema.Struct({ lang: Words.Language, name: Schema.String, latin: nullable(Schema.String) })),
  /** Without those that give something away. */
  aliases: list(Schema.String),
  description: nullable(Schema.String),
  image: nullable(Values.CharacterImage),
  blood_type: nullable(Schema.String),
  /** Centimetres. */
  height: nullable(Schema.Int),
  /** Kilogrammes. */
  weight: nullable(Schema.Int),
  bust: nullable(Schema.Int),
  waist: nullable(Schema.Int),
  hips: nullable(Schema.Int),
  cup: nullable(Schema.String),
  age: nullable(Schema.Int),
  /** Month and day. */
  birthday: nullable(Schema.Tuple([Schema.Int, Schema.Int])),
  /** As it seems, and as it is, which may give something away. */
  sex: nullable(Schema.Tuple([nullable(Schema.String), nullable(Schema.String)])),
  gender: nullable(Schema.Tuple([nullable(Schema.String), nullable(Schema.String)])),
  vns: list(Schema.Struct({
    id: Words.VnId,
    role: Words.CharRole,
    spoiler: Schema.Int,
    ...Values.titleStub,
    release: nullable(Schema.Struct({ id: Words.ReleaseId, ...Values.titleStub }))
  })),
  traits: list(Schema.Struct({
    id: Words.TraitId,
    spoiler: Schema.Int,
    lie: Schema.Boolean,
    name: Schema.String,
    group_id: nullable(Words.TraitId),
    group_name: nullable(Schema.String),
    sexual: Schema.Boolean
  })),
  /** Other entries about the same person. */
  instances: list(Schema.Struct({ id: Words.CharacterId, spoiler: Schema.Int, ...Values.nameStub })),
  voices: list(Schema.Struct({
    vn: Words.VnId,
    note: nullable(Schema.String),
    id: Words.StaffId,
    aid: Schema.Int,
    ...Values.nameStub
  }))
}).annotate({ identifier: "Character" })

type Page = typeof CharacterPage.Type

/** See `entities/facts/character`. */
export interface CharacterFacts {
  readonly row: {
    readonly id: string
    readonly bloodt: string
    readonly cup_size: string
    readonly sex: string
    readonly spoil_sex: string | null
    readonly gender: string | null
    readonly spoil_gender: string | null
    readonly s_bust: number
    readonly s_waist: number
    readonly s_hip: number
    readonly birthday: number | null
    readonly height: number
    readonly weight: number | null
    readonly age: number | null
    readonly description: string
  }
  readonly lang: string | null
  readonly image: ImageFacts | null
  readonly names: Page["names"]
  readonly aliases: ReadonlyArray<{ readonly name: string; readonly latin: string | null; readonly spoiler: number }>
  readonly vns: ReadonlyArray<Omit<Page["vns"][number], "release"> & { readonly release: TitleStub | null }>
  readonly traits: Page["traits"]
  readonly instances: Page["instances"]
  readonly voices: Page["voices"]
  readonly inherited: ReadonlyArray<{ readonly t: string; readonly s: number; readonly x: boolean }>
}

export const characterPage = (
  facts: CharacterFacts,
  revision: number
): { readonly page: Page; readonly fields: object } => {
  const { row } = facts
  const [main] = facts.names
  const name = main?.latin ?? main?.name ?? ""
  const gender = row.gender ?? asGender(row.sex)
  const spoilGender = row.spoil_gender ?? row.gender ?? asGender(row.spoil_sex ?? row.sex)
  const page: Page = {
    id: row.id,
    revision,
    name,
    original: main !== undefined && main.name !== name ? main.name : null,
    names: facts.names,
    aliases: facts.aliases.filter(({ spoiler }) => spoiler === 0).flatMap(({ latin, name }) =>
      latin === null ? [name] : [latin, name]
    ),
    description: filled(row.description),
    image: facts.image === null ? null : Values.characterImage(facts.image),
    blood_type: row.bloodt === "unknown" ? null : row.bloodt,
    height: known(row.height),
    weight: row.weight,
    bust: known(row.s_bust),
    waist: known(row.s_waist),
    hips: known(row.s_hip),
    cup: filled(row.cup_size),
    age: row.age,
    birthday: row.birthday === null ? null : [Math.floor(row.birthday / 100), row.birthday % 100],
    sex: pair(row.sex, row.spoil_sex ?? row.sex),
    gender: pair(gender, spoilGender),
    vns: facts.vns,
    traits: facts.traits,
    instances: facts.instances,
    voices: facts.voices
  }
  return {
    page,
    fields: {
      num: Values.numberOf(row.id),
      name,
      vns: unique(facts.vns.map(({ id, role }) => ({ id, role }))),
      roles: [...new Set(facts.vns.map(({ role }) => role))],
      blood_type: row.bloodt,
      sex: row.sex,
      sex_spoil: row.spoil_sex ?? row.sex,
      gender,
      gender_spoil: spoilGender,
      height: page.height,
      weight: row.weight,
      bust: page.bust,
      waist: page.waist,
      hips: page.hips,
      cup: row.cup_size === "" ? null : Layout.enumValues("cup_size").indexOf(row.cup_size),
      age: row.age,
      birthday: row.birthday,
      traits: facts.inherited,
      dtraits: facts.traits.map(({ id, lie, spoiler }) => ({ t: id, s: spoiler, x: lie })),
      seiyuu: [...new Set(facts.voices.map(({ aid, id }) => `${id}.${aid}`))],
      labels: labels([
        ...facts.names.flatMap(({ latin, name }) => [[name, 3], [latin, 3]] as const),
        ...facts.aliases.flatMap(({ latin, name }) => [[name, 2], [latin, 2]] as const)
      ])
    }
  }
}

/** Gender follows sex where that says enough. */
const asGender = (sex: string): string | null => ["", "m", "f"].includes(sex) ? sex : null

/** What is shown and what is so; null when neither is known. */
const pair = (shown: string | null, real: string | null): readonly [string | null, string | null] | null => {
  const [a, b] = [shown === "" ? null : shown, real === "" ? null : real]
  return a === null && b === null ? null : [a, b]
}

const unique = <A>(rows: ReadonlyArray<A>): ReadonlyArray<A> => [
  ...new Map(rows.map((row) => [JSON.stringify(row), row])).values()
]
