/** A tracer that counts what the database is asked: every statement is a span of the client. */
import { Tracer } from "effect"

export const countingStatements = () => {
  const counted = {
    statements: 0,
    tracer: Tracer.make({
      span: (options) => {
        if (options.kind === "client") counted.statements++
        return new Tracer.NativeSpan(options)
      }
    })
  }
  return counted
}
