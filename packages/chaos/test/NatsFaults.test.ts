import { describe } from "vitest"
import { eachFault } from "./judging.ts"

describe("delivery under faults", () => {
  eachFault("nats")
})
