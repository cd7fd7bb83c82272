/** Who may do what: the one table of rules. An operation that is neither in it nor among the reads is for nobody. */
import { type Attributes, isAtLeast } from "./Attributes.ts"

export type Rule = (attributes: Attributes) => boolean

const isAdministrator: Rule = (one) => isAtLeast(one, "administration", "admin")

/** Administrators, and those who take part (nobody who is suspended) and meet the rule. */
const participant = (rule: Rule): Rule => (one) =>
  isAdministrator(one) || (isAtLeast(one, "community", "normal") && rule(one))

/** Adds to the wiki and changes it. */
export const edits = participant((one) => isAtLeast(one, "wiki", "contributor"))
/** What producers and people say of themselves: also who is verified to be one of them. */
export const editsOwners = participant((one) =>
  isAtLeast(one, "wiki", "contributor") ||
  ["official_account", "employee", "independent_creator"].includes(one.verification)
)
/** Decides what stays: removes, hides, brings back, and shapes tags and traits. */
export const curates = participant((one) => isAtLeast(one, "wiki", "editor"))
/** Decides what may be edited. */
export const protects = participant((one) => isAtLeast(one, "wiki", "trusted_editor"))
/** Keeps lists and votes. */
export const takesPart = participant(() => true)
/** Keeps many lists of their own. */
export const sponsors = participant((one) => isAtLeast(one, "sponsorship", "backup_sponsor"))
/** Sees to it that people behave. */
export const moderates = participant((one) =>
  isAtLeast(one, "community", "moderator") || one.verification === "site_administrator"
)
export const administers: Rule = isAdministrator
/** Decides who else does. */
export const owns: Rule = (one) => isAtLeast(one, "administration", "owner")

/** Somebody who is known, suspended or not. */
export const everybody: Rule = () => true

/** What only looks: for everybody who is known, so that nobody's attributes have to be read. */
export const reads: ReadonlySet<string> = new Set([
  "FindVn",
  "FindRelease",
  "FindProducer",
  "FindCharacter",
  "FindStaff",
  "FindTag",
  "FindTrait",
  "FindQuote",
  "FindDoc",
  "FindRevision",
  "ListRevisions",
  "DiffRevisions"
])

/** By the name of the operation. */
export const rules: Readonly<Record<string, Rule>> = {
  CreateVn: edits,
  EditVn: edits,
  CreateRelease: edits,
  EditRelease: edits,
  CreateCharacter: edits,
  EditCharacter: edits,
  CreateQuote: edits,
  EditQuote: edits,
  CreateProducer: editsOwners,
  EditProducer: editsOwners,
  CreateStaff: editsOwners,
  EditStaff: editsOwners,
  CreateTag: curates,
  EditTag: curates,
  CreateTrait: curates,
  EditTrait: curates,
  CreateDoc: administers,
  EditDoc: administers,
  DeleteEntry: curates,
  RestoreEntry: curates,
  HideEntry: curates,
  ShowEntry: curates,
  RevertEntry: curates,
  LockEntry: protects,
  UnlockEntry: protects,
  SetListEntry: takesPart,
  RemoveListEntry: takesPart,
  SetReleaseStatus: takesPart,
  RemoveReleaseStatus: takesPart,
  PutLabel: takesPart,
  RemoveLabel: takesPart,
  VoteTags: takesPart,
  VoteImage: takesPart,
  VoteLength: takesPart,
  RemoveLengthVotes: takesPart,
  VoteCover: takesPart,
  CreateToken: takesPart,
  RevokeToken: everybody,
  DeleteUser: moderates,
  SetAttributes: owns
}
