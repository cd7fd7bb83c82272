import { Data } from "effect"

/** The command was given something it cannot work with. */
export class Usage extends Data.TaggedError("Usage")<{ readonly message: string }> {}

/** Something is wrong; what it is has been printed. */
export class Unwell extends Data.TaggedError("Unwell") {}
