import { assert, describe, layer } from "@effect/vitest"
import { EmbeddedBus } from "@kanau/messaging"
import { PgViewStore } from "@kanau/postgres"
import { ViewStore } from "@kanau/views"
import { Torture } from "@kanau/vndb-dump"
import { Context, DateTime, Effect, Layer } from "effect"
import { server } from "../databases.ts"
import { dump } from "../dumps.ts"
import { run } from "../importing.ts"
import { type Client, client, derived } from "./gateway.ts"

const { ids } = Torture

/** The API after an import of the torture pack of today, with lists. */
class Imported extends Context.Service<Imported, {
  readonly client: Client
  readonly views: ViewStore.ViewStoreService
}>()("test/Imported") {}

const dayFrom = (days: number): string => DateTime.formatIsoDateUtc(DateTime.add(DateTime.nowUnsafe(), { days }))
const [today, tomorrow] = [dayFrom(0), dayFrom(1)]

const imported = Layer.effect(
  Imported,
  Effect.gen(function*() {
    yield* run(yield* Effect.promise(() => dump({ scale: 0.0001, date: today })))
    yield* derived
    return { client: yield* client(), views: yield* ViewStore.ViewStore }
  })
).pipe(
  Layer.provide(PgViewStore.layer),
  Layer.provide(Layer.merge(server, EmbeddedBus.layer({ file: ":memory:" })))
)

interface Asked {
  readonly of: string
  readonly where: unknown
  readonly fields?: string
  /** The entries, with their ids where an id is all there is. */
  readonly are: ReadonlyArray<unknown>
}

const of = (endpoint: string, id: string, fields: string, are: object): Asked => ({
  of: endpoint,
  where: ["id", "=", id],
  fields,
  are: [{ id, ...are }]
})
const found = (endpoint: string, where: unknown, ...all: ReadonlyArray<string>): Asked => ({
  of: endpoint,
  where,
  are: all.map((id) => ({ id }))
})

const [top, left, right, bottom] = ids.diamondTags
const [first = "", second = ""] = ids.bundleVns
const [chainTop = "", , chainThird = "", , chainFifth = "", , chainEnd = ""] = ids.chainTags
const search = (text: string) => ["search", "=", text]
const votesOf = (count: keyof typeof ids.vnWithVotes, average: number, rating: number | null) =>
  of("vn", ids.vnWithVotes[count], "votecount,average,rating", { votecount: count, average, rating })

const cases: Readonly<Record<string, ReadonlyArray<Asked>>> = {
  "the same number in three kinds of images": [
    of("character", ids.leapDayCharacter, "image{id,url}", {
      image: { id: "ch9000001", url: "https://t.vndb.org/ch/01/9000001.jpg" }
    }),
    of("vn", ids.danglingVn, "screenshots{id,url}", {
      screenshots: [{ id: "sf9000001", url: "https://t.vndb.org/sf/01/9000001.jpg" }]
    })
  ],
  "a visual novel without releases": [
    of("vn", ids.vnWithoutReleases, "title,alttitle,released,languages,platforms,developers.name", {
      title: "Mihatsubai",
      alttitle: "未発売",
      released: null,
      languages: [],
      platforms: [],
      developers: []
    })
  ],
  "a release in thirty visual novels, with an image of one": [
    of("release", ids.bundleRelease, "vns.rtype,images{id,vn}", {
      vns: ids.bundleVns.map((id) => ({ id, rtype: "complete" })),
      images: [{ id: ids.bundleImage, vn: first }]
    }),
    of("vn", first, "image.id,languages", { image: { id: ids.bundleImage }, languages: ["ja"] }),
    of("vn", second, "image.id,languages", { image: null, languages: ["ja"] })
  ],
  "a release without titles in three languages": [
    of("release", ids.untitledRelease, "title,alttitle,languages{lang,title,main}", {
      title: "The Only Title",
      alttitle: null,
      languages: [
        { lang: "en", title: "The Only Title", main: true },
        { lang: "de", title: null, main: false },
        { lang: "es", title: null, main: false },
        { lang: "ja", title: null, main: false }
      ]
    })
  ],
  "every kind of date": [
    {
      of: "release",
      where: ["vn", "=", ["id", "=", ids.datesVn]],
      fields: "released",
      are: [
        { id: ids.releasedUnknown, released: null },
        { id: ids.releasedInMonth, released: "2025-00" },
        { id: ids.releasedInYear, released: "2025" },
        { id: ids.releasedTba, released: "TBA" },
        { id: ids.releasedToday, released: today },
        { id: ids.releasedTomorrow, released: tomorrow }
      ]
    },
    of("vn", ids.datesVn, "released", { released: "2025-00" })
  ],
  "a language that is only a machine's": [
    of("vn", ids.machineTranslatedVn, "languages,released", { languages: [], released: null }),
    of("release", ids.machineTranslatedRelease, "languages{lang,mtl}", { languages: [{ lang: "fr", mtl: true }] }),
    found("release", ["and", ["id", "=", ids.machineTranslatedRelease], ["lang", "=", "fr"]])
  ],
  "a visual novel that only a trial is of": [
    of("vn", ids.trialOnlyVn, "languages,platforms,released", { languages: [], platforms: [], released: null }),
    of("release", ids.trialRelease, "vns.rtype", { vns: [{ id: ids.trialOnlyVn, rtype: "trial" }] })
  ],
  "a resolution of 0×1": [
    of("release", ids.oddResolutionRelease, "resolution,minage,uncensored", {
      resolution: "non-standard",
      minage: 0,
      uncensored: null
    })
  ],
  "a birthday on 29 February": [
    of("character", ids.leapDayCharacter, "birthday", { birthday: [2, 29] }),
    found("character", ["birthday", "=", [2, 29]], ids.leapDayCharacter)
  ],
  "a weight of 0": [
    of("character", ids.weightlessCharacter, "weight,age,height,birthday", {
      weight: 0,
      age: 0,
      height: null,
      birthday: null
    }),
    found("character", ["weight", "=", 0], ids.weightlessCharacter)
  ],
  "sex and gender that are not as they seem": [
    of("character", ids.secretCharacter, "sex,gender", { sex: ["f", "m"], gender: [null, "o"] }),
    found("character", ["and", ["id", "=", ids.secretCharacter], ["sex_spoil", "=", "m"]], ids.secretCharacter),
    found("character", ["and", ["id", "=", ids.secretCharacter], ["sex", "=", "m"]])
  ],
  "a character with three names, shown in the language of its visual novel": [
    of("character", ids.manyNamesCharacter, "name,original,vns{role,release.title}", {
      name: "Many Names",
      original: null,
      vns: [
        { id: ids.englishVn, role: "side", release: null },
        { id: ids.englishVn, role: "main", release: { id: ids.untitledRelease, title: "The Only Title" } }
      ]
    }),
    found("character", search("namaeoo"), ids.manyNamesCharacter)
  ],
  "the same medium twice": [
    of("release", ids.twiceMediumRelease, "media{medium,qty},gtin,catalog", {
      media: [{ medium: "dvd", qty: 1 }, { medium: "dvd", qty: 2 }],
      gtin: null,
      catalog: "KN-\\1"
    })
  ],
  "nine aliases, the last of which is the main one": [
    {
      of: "staff",
      where: ["and", ["id", "=", ids.manyAliasesStaff], ["ismain", "=", 1]],
      fields: "aid,name,original,aliases{aid,ismain}",
      are: [{
        id: ids.manyAliasesStaff,
        aid: ids.mainAlias,
        name: "Betsumei 9",
        original: "別名9",
        aliases: Array.from({ length: 9 }, (_, at) => ({ aid: ids.mainAlias - 8 + at, ismain: at === 8 }))
      }]
    }
  ],
  "editions, and a role in both and in none": [
    of("vn", ids.editionsVn, "editions{eid,lang,name,official},staff{eid,role,aid}", {
      editions: [
        { eid: 0, lang: "en", name: "English", official: true },
        { eid: 1, lang: null, name: "Other", official: false }
      ],
      staff: [null, 0, 1].map((eid) => ({ id: ids.manyAliasesStaff, eid, role: "translator", aid: ids.mainAlias }))
    })
  ],
  "tags above each other: a diamond, and a chain with one that is not searchable": [
    ...[top, left, right, bottom].map((tag) => found("vn", ["tag", "=", tag], ids.taggedVn)),
    ...[chainTop, chainThird, chainFifth, chainEnd].map((tag) => found("vn", ["tag", "=", [tag, 2]], ids.taggedVn)),
    found("vn", ["tag", "=", [ids.unsearchableTag, 2]]),
    found("vn", ["tag", "=", chainEnd]),
    found("vn", ["dtag", "=", [chainTop, 2]]),
    of("tag", top, "vn_count", { vn_count: 1 }),
    of("tag", ids.unsearchableTag, "vn_count,searchable", { vn_count: 0, searchable: false })
  ],
  "votes on tags: of nobody, against, as many for as against, lies, ignored": [
    of("vn", ids.taggedVn, "tags{rating,spoiler,lie}", {
      tags: [
        { id: bottom, rating: 3, spoiler: 0, lie: false },
        { id: chainEnd, rating: 2.5, spoiler: 2, lie: false },
        { id: ids.namelessVotesTag, rating: 1.2, spoiler: 0, lie: false },
        { id: ids.lieSplitTag, rating: 1, spoiler: 2, lie: true },
        { id: ids.ignoredVotesTag, rating: 1, spoiler: 0, lie: false }
      ]
    }),
    found("vn", ["tag", "=", [ids.negativeTag, 2]]),
    found("vn", ["tag", "=", [ids.tieTag, 2]])
  ],
  "4, 5, 49, 50, 99 and 100 votes, and one that is ignored": [
    votesOf(4, 65.5, null),
    votesOf(5, 69, 71.6),
    votesOf(49, 73.6, 73.6),
    votesOf(50, 73.7, 73.7),
    votesOf(99, 74.4, 74.4),
    votesOf(100, 74.3, 74.3)
  ],
  "an image without votes, and one with votes of nobody": [
    of("release", ids.oddResolutionRelease, "images{sexual,violence,votecount,type,languages,id}", {
      images: [
        { id: ids.votedImage, sexual: 1.33, violence: 0, votecount: 3, type: "dig", languages: null },
        { id: ids.unvotedImage, sexual: 2, violence: 2, votecount: 0, type: "pkgfront", languages: ["en", "de"] }
      ]
    })
  ],
  "votes on length without speed, and what is not finished": [
    of("vn", ids.timedVn, "length_minutes,length_votes", { length_minutes: 600, length_votes: 3 }),
    of("vn", ids.timedInDevelopmentVn, "length_minutes,length_votes", { length_minutes: null, length_votes: 0 })
  ],
  "aliases that end with a line feed": [
    of("vn", ids.trailingNewlineVn, "aliases", { aliases: ["First alias", "Second alias"] })
  ],
  "a title of nothing but punctuation": [
    of("vn", ids.punctuationVn, "title", { title: "……！？～★「」" }),
    found("vn", search(ids.punctuationVn), ids.punctuationVn),
    // Nothing is left of the words, and that is in every title.
    found("vn", ["and", search("……！？"), ["id", "=", ids.punctuationVn]], ids.punctuationVn)
  ],
  "text that reads like NULL, and every escape": [
    of("vn", ids.backslashNVn, "description", { description: "\\N" }),
    of("vn", ids.escapesVn, "title,description", {
      title: "Escapes \\ \"quoted\", {braced}",
      description:
        "tab\there, line\nfeed, return\r, back\bspace, form\ffeed, vertical\vtab, C:\\new, \\t, \\\\, \\x41, \\101"
    })
  ],
  "emoji, scripts from right to left, combining marks": [
    of("vn", ids.unicodeVn, "title,alttitle", { title: "Emoji 😀", alttitle: "😀👩‍👩‍👧𠮷野家" }),
    ...["שלום", "مرحبا", "😀", "𠮷野", "tiengviet", "fullwidth"].map((text) => found("vn", search(text), ids.unicodeVn))
  ],
  "a platform that nobody knows": [
    of("release", ids.unknownPlatformRelease, "platforms", { platforms: ["win"] })
  ],
  "references to what is not there": [
    of("vn", ids.danglingVn, "relations.title,screenshots.release.title", {
      relations: [],
      screenshots: [{ release: null }]
    }),
    of("quote", ids.danglingQuote, "vn.title,character.name", {
      vn: { id: ids.danglingVn, title: "Dangling" },
      character: null
    }),
    of("character", ids.danglingCharacter, "name", { name: "Half Gone" }),
    of("producer", ids.danglingProducer, "name", { name: "Dangling Works" })
  ],
  "what is in the dump of this day only": [found("vn", ["id", "=", ids.vanishingVn], ids.vanishingVn)]
}

describe("Kana after an import of the torture pack", () => {
  layer(imported, { timeout: "120 seconds", excludeTestServices: true })((it) => {
    for (const [name, all] of Object.entries(cases)) {
      it.effect(`NV-7 ${name}`, () =>
        Effect.flatMap(Imported, ({ client }) =>
          Effect.promise(async () => {
            for (const { are, fields = "", of, where } of all) {
              const answer = await client.query(of, { filters: where, fields, results: 50 })
              assert.deepStrictEqual(answer.json?.results, are, `${answer.text} of ${of} ${JSON.stringify(where)}`)
            }
          })))
    }

    it.effect("NV-7 a character who is another side of the next, on the pages of `/v1`", () =>
      Effect.gen(function*() {
        const { views } = yield* Imported
        const [masked, younger, main] = ids.instanceChain
        const found = yield* views.getMany("character", [masked, younger, main, ids.danglingCharacter])
        const instances = new Map(found.map(({ bytes, id }) => {
          const page: { readonly instances: ReadonlyArray<{ id: string; spoiler: number }> } = JSON.parse(
            new TextDecoder().decode(bytes)
          )
          return [id, page.instances.map((each) => [each.id, each.spoiler])]
        }))
        assert.deepStrictEqual(Object.fromEntries(instances), {
          [masked]: [[younger, 2]],
          [younger]: [[masked, 2], [main, 1]],
          [main]: [[younger, 1]],
          [ids.danglingCharacter]: []
        })
      }))
  })
})
