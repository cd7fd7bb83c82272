#!/usr/bin/env node
/** Loads the tool; the next start finds it compiled. */
import { enableCompileCache } from "node:module"

enableCompileCache()
await import("./tool.ts")
