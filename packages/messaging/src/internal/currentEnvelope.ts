import type { Envelope } from "@kanau/core"
import { Context } from "effect"

/** The envelope of the message that is being handled; absent outside a handler. */
export const CurrentEnvelope: Context.Reference<Envelope.Envelope | undefined> = Context.Reference<
  Envelope.Envelope | undefined
>("@kanau/messaging/Consumer/CurrentEnvelope", { defaultValue: () => undefined })
