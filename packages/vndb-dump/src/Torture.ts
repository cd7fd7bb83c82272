/**
 * The rows that importers get wrong, in every synthetic dump that is not made with `torture: false`. They have numbers
 * from 9,000,001 on, so they are the same at every scale, and need nothing of the other rows.
 */

const v = (number: number) => `v${9_000_000 + number}`
const r = (number: number) => `r${9_000_000 + number}`
const c = (number: number) => `c${9_000_000 + number}`
const g = (number: number) => `g${9_000_000 + number}`
const u = (number: number) => `u${9_000_000 + number}`

/**
 * What is where.
 *
 * @example
 * ```ts
 * import { Torture } from "@kanau/vndb-dump"
 *
 * Torture.ids.bundleRelease // => "r9000001"
 * Torture.ids.bundleVns.length // => 30
 * Torture.ids.vnWithVotes[50] // => "v9000043"
 * ```
 */
export const ids = {
  /** A visual novel without releases. */
  vnWithoutReleases: v(1),
  /** Only a trial is linked; only a machine translation has the language `fr`. */
  trialOnlyVn: v(2),
  machineTranslatedVn: v(3),
  /** Its only title is made of punctuation, so that nothing is left for a search. */
  punctuationVn: v(4),
  /** Text that reads like NULL: a description of a backslash and an N. */
  backslashNVn: v(5),
  /** Four-byte emoji, right-to-left script and combining marks in titles and alias. */
  unicodeVn: v(6),
  /** Its aliases end with a line feed. */
  trailingNewlineVn: v(7),
  /** Every escape of the format in one text. */
  escapesVn: v(8),
  /** Two editions; the same alias has the same role in both and in none. */
  editionsVn: v(9),
  /** Its relation, a screenshot's release and a quote's character do not exist. */
  danglingVn: v(10),
  /** In English, though its characters have Japanese names too. */
  englishVn: v(11),
  /** Releases with every kind of date. */
  datesVn: v(12),
  /** Votes on length, some without speed, of users without the right, of nobody, twice the same. */
  timedVn: v(20),
  /** The same in development: not counted. */
  timedInDevelopmentVn: v(21),
  /** Votes on tags, see the tags. */
  taggedVn: v(30),
  /** By the number of votes that count; an ignored voter voted for each of them too. */
  vnWithVotes: { 4: v(40), 5: v(41), 49: v(42), 50: v(43), 99: v(44), 100: v(45) },
  /** In the dump of day 0 only; from day 1 on only; changed every day. */
  vanishingVn: v(50),
  appearingVn: v(51),
  changingVn: v(52),
  /** One release in thirty visual novels, with a picture that is of the first only. */
  bundleRelease: r(1),
  bundleVns: Array.from({ length: 30 }, (_, at) => v(101 + at)),
  bundleImage: "cv9000003",
  /** No title in three of its four languages. */
  untitledRelease: r(2),
  releasedUnknown: r(3),
  releasedInMonth: r(4),
  releasedInYear: r(5),
  releasedTba: r(6),
  /** On the date of day 0, and the day after. */
  releasedToday: r(7),
  releasedTomorrow: r(8),
  machineTranslatedRelease: r(9),
  trialRelease: r(10),
  /** 0×1: a resolution that is not standard. */
  oddResolutionRelease: r(11),
  /** DVD twice, with different quantities. */
  twiceMediumRelease: r(12),
  /** On a platform that no version of VNDB has. */
  unknownPlatformRelease: r(13),
  /** Born on 29 February. */
  leapDayCharacter: c(1),
  /** Weight and age 0, which are values; height 0 and birthday 0, which are none. */
  weightlessCharacter: c(2),
  /** Sex and gender, apparent and true. */
  secretCharacter: c(3),
  /** Names in three languages; that of {@link ids.englishVn} decides. */
  manyNamesCharacter: c(4),
  /** Each is another side of the next. */
  instanceChain: [c(5), c(6), c(7)],
  /** Its main character does not exist. */
  danglingCharacter: c(8),
  /** Nine aliases, of which the last is the main one. */
  manyAliasesStaff: "s9000001",
  mainAlias: 9_000_009,
  danglingProducer: "p9000001",
  danglingQuote: "q9000001",
  /** The top of a diamond, its two sides, its bottom. */
  diamondTags: [g(1), g(2), g(3), g(4)],
  /** Seven deep, each the parent of the next; the fourth is not searchable. */
  chainTags: Array.from({ length: 7 }, (_, at) => g(11 + at)),
  unsearchableTag: g(14),
  /** Five votes without a user, two of them the same. */
  namelessVotesTag: g(21),
  negativeTag: g(22),
  /** As many for as against. */
  tieTag: g(23),
  /** Two say lie, two say none. */
  lieSplitTag: g(24),
  /** One vote counts; another is ignored, and one is of a user who may not tag. */
  ignoredVotesTag: g(25),
  unvotedImage: "cv9000001",
  /** Three votes count: two of them without a user, and the same; one is ignored. */
  votedImage: "cv9000002",
  /** The same number in three kinds. */
  collidingImages: ["ch9000001", "cv9000001", "sf9000001"],
  /** Votes do not count. */
  ignoredVoter: u(101),
  userWithoutTagging: u(102),
  userWithoutTiming: u(103),
  /** Their votes are those of {@link ids.vnWithVotes}. */
  voters: Array.from({ length: 100 }, (_, at) => u(1 + at)),
  /** No name: an account that is closed. */
  namelessUser: u(104)
} as const

/**
 * What references that dangle point at. No dump has these.
 *
 * @example
 * ```ts
 * import { Torture } from "@kanau/vndb-dump"
 *
 * Torture.missing.vn // => "v9999999"
 * ```
 */
export const missing = { vn: "v9999999", release: "r9999999", character: "c9999999", producer: "p9999999" } as const

/**
 * A value that its enum does not have, on {@link ids.unknownPlatformRelease}.
 *
 * @example
 * ```ts
 * import { Torture } from "@kanau/vndb-dump"
 *
 * Torture.unknownEnum.table // => "releases_platforms"
 * ```
 */
export const unknownEnum = { table: "releases_platforms", column: "platform", value: "holodeck" } as const

/**
 * A column that the layout does not have, right behind the id.
 *
 * @example
 * ```ts
 * import { Torture } from "@kanau/vndb-dump"
 *
 * Torture.unknownColumn // => { table: "drm", column: "hologram" }
 * ```
 */
export const unknownColumn = { table: "drm", column: "hologram" } as const
