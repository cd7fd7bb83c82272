/**
 * `bench core`: what processors, layers and dispatch cost beside hand-written async functions and `cockatiel`, how
 * large the core is, and how long the compiler takes over it.
 */
import { bundle } from "./bundle.ts"
import { dispatch } from "./dispatch.ts"
import { pipelines } from "./pipelines.ts"
import { request } from "./request.ts"
import { standardStack } from "./standardStack.ts"
import { types } from "./types.ts"

const bench = "core"

export const core = async (options: { readonly quick: boolean }): Promise<void> => {
  const run = { bench, rounds: options.quick ? 5 : 7, share: options.quick ? 0.2 : 1 }
  await pipelines(run)
  await standardStack(run)
  await request(run)
  dispatch(run)
  await bundle({ bench })
  await types({ bench, rounds: options.quick ? 3 : 5 })
}
