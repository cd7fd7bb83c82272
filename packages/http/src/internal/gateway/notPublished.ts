import { Fault } from "@kanau/core"
import { Schema } from "effect"

/** The document does not exist. */
export class NotPublished extends Fault.define<NotPublished>()(
  "NotPublished",
  "not-found",
  { view: Schema.String, id: Schema.String },
  (fault) => `There is no ${fault.view} ${fault.id}.`
) {}
