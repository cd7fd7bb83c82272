import { Data } from "effect"

/** The command was given something it cannot work with. */
export class Usage extends Data.TaggedError("Usage")<{ readonly message: string }> {}
