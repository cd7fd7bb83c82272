/** Writes the payload of a message, in the format and version of its class. */
import { Effect } from "effect"
import type * as Message from "../Message.ts"
import { describe, SerializeError } from "./messageErrors.ts"

export const writer = (type: Message.Any): (message: unknown) => Effect.Effect<Message.Encoded, SerializeError> => {
  const { encode } = type.format.codec(type)
  const dataschema = String(type.version)
  const datacontenttype = type.format.mediaType
  return (message: unknown) =>
    Effect.mapBothEager(encode(message), {
      onFailure: (error) => new SerializeError({ type: type.type, issues: describe(error) }),
      onSuccess: (data): Message.Encoded => ({ dataschema, datacontenttype, data })
    })
}
