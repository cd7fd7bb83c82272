/** What people write about producers, staff and characters. */
import { Schema } from "effect"
import * as Words from "../vocabulary.ts"

const nullable = Schema.NullOr

const ProducerLink = Schema.Struct({ pid: Words.ProducerId, relation: Words.ProducerRelation }).annotate({
  identifier: "ProducerRelationRow"
})

export const producer = {
  essentials: { type: Words.ProducerType, lang: Words.Language, name: Words.Name },
  details: {
    latin: nullable(Words.Name),
    alias: Words.Aliases,
    description: Words.Description,
    relations: Words.rows(ProducerLink, ["pid"]),
    extlinks: Words.rows(Words.Extlink, ["site", "value"], 50)
  },
  defaults: { latin: null, alias: "", description: "", relations: [], extlinks: [] }
}

export const ProducerContent = Schema.Struct({ ...producer.essentials, ...producer.details })

export const mistakeOfProducer = (id: string, { relations }: typeof ProducerContent.Type): string | undefined =>
  relations.some(({ pid }) => pid === id) ? "relations: a producer is not related to itself" : undefined

/** An `aid` of zero or less stands for an alias that is yet to get its number; `main` may name it. */
const StaffAlias = Schema.Struct({
  aid: Words.range(-1000, 2 ** 31 - 1),
  name: Words.Name,
  latin: nullable(Words.Name)
})
  .annotate({ identifier: "StaffAlias" })

export const staff = {
  essentials: {
    lang: Words.Language,
    main: Words.range(-1000, 2 ** 31 - 1),
    aliases: Words.rows(StaffAlias, ["aid"], 100)
  },
  details: {
    gender: Words.StaffGender,
    description: Words.Description,
    prod: nullable(Words.ProducerId),
    extlinks: Words.rows(Words.Extlink, ["site", "value"], 50)
  },
  defaults: { gender: "", description: "", prod: null, extlinks: [] }
}

export const StaffContent = Schema.Struct({ ...staff.essentials, ...staff.details })

export const mistakeOfStaff = (_: string, { aliases, main }: typeof StaffContent.Type): string | undefined =>
  aliases.some(({ aid }) => aid === main) ? undefined : "main: must be the aid of one of the aliases"

const CharacterName = Schema.Struct({ lang: Words.Language, name: Words.Name, latin: nullable(Words.Name) }).annotate({
  identifier: "CharacterName"
})

const CharacterAlias = Schema.Struct({ name: Words.Name, latin: nullable(Words.Name), spoil: Words.Spoiler }).annotate({
  identifier: "CharacterAlias"
})

const CharacterTrait = Schema.Struct({ tid: Words.TraitId, spoil: Words.Spoiler, lie: Schema.Boolean }).annotate({
  identifier: "CharacterTrait"
})

/** `rid` of null: in all releases. */
const Appearance = Schema.Struct({
  vid: Words.VnId,
  rid: nullable(Words.ReleaseId),
  role: Words.CharRole,
  spoil: Words.Spoiler
}).annotate({ identifier: "CharacterVn" })

export const character = {
  essentials: { names: Words.rows(CharacterName, ["lang"], 60) },
  details: {
    image: nullable(Words.CharacterImageId),
    bloodt: Words.BloodType,
    cup_size: Words.CupSize,
    sex: Words.CharSex,
    spoil_sex: nullable(Words.CharSex),
    gender: nullable(Words.CharGender),
    spoil_gender: nullable(Words.CharGender),
    main: nullable(Words.CharacterId),
    main_spoil: Words.Spoiler,
    s_bust: Words.range(0, 32_767),
    s_waist: Words.range(0, 32_767),
    s_hip: Words.range(0, 32_767),
    birthday: nullable(Words.Birthday),
    height: Words.range(0, 32_767),
    weight: nullable(Words.range(0, 32_767)),
    age: nullable(Words.range(0, 32_767)),
    description: Words.Description,
    aliases: Words.rows(CharacterAlias, ["name"], 100),
    traits: Words.rows(CharacterTrait, ["tid"]),
    vns: Words.rows(Appearance, ["vid", "rid"])
  },
  defaults: {
    image: null,
    bloodt: "unknown",
    cup_size: "",
    sex: "",
    spoil_sex: null,
    gender: null,
    spoil_gender: null,
    main: null,
    main_spoil: 0,
    s_bust: 0,
    s_waist: 0,
    s_hip: 0,
    birthday: null,
    height: 0,
    weight: null,
    age: null,
    description: "",
    aliases: [],
    traits: [],
    vns: []
  }
}

export const CharacterContent = Schema.Struct({ ...character.essentials, ...character.details })

export const mistakeOfCharacter = (id: string, { main, names }: typeof CharacterContent.Type): string | undefined => {
  if (names.length === 0) return "names: at least one is needed"
  return main === id ? "main: a character is not an instance of itself" : undefined
}
