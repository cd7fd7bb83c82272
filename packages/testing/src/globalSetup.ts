/**
 * The `globalSetup` module for vitest that runs the servers behind {@link Servers}. Name it in the vitest
 * configuration: `globalSetup: ["@kanau/testing/globalSetup"]`.
 *
 * Servers start when the first test file asks for them, all of them at once when `CI` is set, and stop with the run.
 * Data lives in temporary folders. `reports/servers.json` records which file used which server.
 */
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { supervise } from "./internal/servers/supervisor.ts"

/** Called by vitest once per run; the function it returns is called at the end. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const { root } = project.config
  const supervisor = await supervise({ root, record: join(root, "reports", "servers.json") })
  project.provide("servers", { control: supervisor.url })
  if (process.env["CI"]) await supervisor.startAll()
  return supervisor.stop
}
