/**
 * The order of test files. Without a memory of the last run vitest begins with the longest sources, which says nothing of
 * how long they take, and a slow one at the end leaves the other worker idle. So the slowest begin: those that mostly
 * wait in turn with those that mostly work, as two workers take them side by side.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node"

const slow = [
  "packages/chaos/test/RabbitMqFaults.test.ts",
  "test/e2e/Rebuild.test.ts",
  "packages/chaos/test/NatsFaults.test.ts",
  "packages/vndb/test/Derived.test.ts",
  "packages/chaos/test/Kills.test.ts",
  "packages/vndb/test/ImportHere.test.ts",
  "packages/nats/test/Server.test.ts",
  "apps/standalone/test/standalone.test.ts",
  "test/e2e/EventBridge.test.ts",
  "test/e2e/Views.test.ts",
  "packages/postgres/test/PgBusPromises.test.ts",
  "packages/vndb/test/ImportResumed.test.ts",
  "test/e2e/Outages.test.ts",
  "packages/vndb/test/Import.test.ts"
]

export class SlowFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = slow.findIndex((path) => moduleId.endsWith(`/${path}`))
      return at === -1 ? slow.length : at
    }
    return (await super.sort(files)).sort((one, other) => place(one) - place(other))
  }
}
