import { tmpdir } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { SlowFirst } from "./test/sequence.ts"

// Workers, and the hundreds of processes that tests start, need not compile again what one of them has compiled.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "kanau-compile-cache")

const conditions = ["@kanau/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Where the global set-up runs.
  environments: { __vitest__: { resolve: { conditions } } },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "apps/*/test/**/*.test.ts",
      "examples/*/test/**/*.test.ts",
      "test/**/*.test.ts"
    ],
    globalSetup: ["./packages/testing/src/globalSetup.ts"],
    reporters: ["default", ["json", { outputFile: "reports/tests.json" }], "./test/reporter.ts"],
    // Much of a test is waiting for servers, so the default of one less than the cores leaves them idle.
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst },
    testTimeout: 150_000,
    hookTimeout: 180_000
  }
})
