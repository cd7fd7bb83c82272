/** What is known of somebody that decides what they may do: one word of each of five axes, from least to most. */
import { Schema } from "effect"

const axes = {
  community: ["suspended", "normal", "moderator"],
  wiki: ["editing_suspended", "contributor", "editor", "trusted_editor"],
  sponsorship: ["none", "backup_sponsor", "sponsor", "premium_sponsor"],
  administration: ["none", "admin", "owner"],
  /** These have no order. */
  verification: ["none", "official_account", "commenter", "employee", "independent_creator", "site_administrator"]
} as const

export const Attributes = Schema.Struct({
  community: Schema.Literals(axes.community),
  wiki: Schema.Literals(axes.wiki),
  sponsorship: Schema.Literals(axes.sponsorship),
  administration: Schema.Literals(axes.administration),
  verification: Schema.Literals(axes.verification)
}).annotate({ identifier: "Attributes" })

export type Attributes = typeof Attributes.Type

/** Somebody of whom nothing is known. */
export const newcomer: Attributes = {
  community: "normal",
  wiki: "contributor",
  sponsorship: "none",
  administration: "none",
  verification: "none"
}

type Ordered = "community" | "wiki" | "sponsorship" | "administration"

/** Whether somebody has come at least so far on an axis. */
export const isAtLeast = <Axis extends Ordered>(
  attributes: Attributes,
  axis: Axis,
  word: (typeof axes)[Axis][number]
): boolean => {
  const words: ReadonlyArray<string> = axes[axis]
  return words.indexOf(attributes[axis]) >= words.indexOf(word)
}
