/**
 * The suite every adapter of the bus port passes. Call it in a test file of the adapter:
 *
 * ```ts
 * BusConformance.suite("embedded bus", (room) => EmbeddedBus.layer({ file: join(folder, room) }), { … })
 * ```
 *
 * A layer built twice for one room must find the same queues and messages: that is how a restart is tested. Waits for
 * retries are 50 and 200 ms, so the adapter must be able to wait that short. Features an adapter lacks are reported as
 * skipped, with the reason it gives.
 */
import { Id } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import type { Layer, Scope } from "effect"
import { Effect } from "effect"
import { describe, test } from "vitest"
import * as Asking from "./internal/bus/asking.ts"
import * as Delivering from "./internal/bus/delivering.ts"
import * as Failing from "./internal/bus/failing.ts"
import * as Publishing from "./internal/bus/publishing.ts"
import * as Redriving from "./internal/bus/redriving.ts"
import * as Signalling from "./internal/bus/signalling.ts"
import * as Stressing from "./internal/bus/stressing.ts"
import type { Feature, Features } from "./internal/bus/tools.ts"

export type { Connection, Feature, Features } from "./internal/bus/tools.ts"

/** One process with a bus; started again it finds the same messages. */
export type Run = <A, E>(body: Effect.Effect<A, E, Bus.Bus | Scope.Scope>) => Effect.Effect<A, unknown>

/** A case that a bus must pass. `run` may be called several times: each is a new process on the same store. */
export interface Case {
  readonly title: string
  readonly body: (run: Run) => Effect.Effect<void, unknown>
}

/** A case for buses that have a feature. */
export interface FeatureCase<A> {
  readonly title: string
  readonly feature: (features: Features) => Feature<A>
  readonly body: (run: Run, feature: A, room: string) => Effect.Effect<void, unknown>
}

/** Registers the cases with vitest. */
export const suite = (
  name: string,
  makeLayer: (room: string) => Layer.Layer<Bus.Bus, unknown>,
  features: Features
): void => {
  const inRoom = (body: (run: Run, room: string) => Effect.Effect<void, unknown>) =>
    Effect.runPromise(Effect.flatMap(Id.next, (id) => {
      const room = `room-${id}.`
      return body((each) => Effect.provide(Effect.scoped(each), makeLayer(room)), room)
    }))
  const register = <A>({ body, feature, title }: FeatureCase<A>): void => {
    const has = feature(features)
    // A case that does not run shows nothing about a requirement, so its title names none.
    if (isMissing(has)) test(title.replaceAll(/\b[A-Z]{2}-\d+ /g, ""), (context) => context.skip(has.skip))
    else test(title, () => inRoom((run, room) => body(run, has, room)))
  }

  describe(name, () => {
    const groups = [Publishing, Delivering, Failing, Redriving, Signalling, Asking, Stressing].map(({ cases }) => cases)
    for (const { body, title } of groups.flat()) {
      test(title, () => inRoom(body))
    }
    register(Publishing.isKeptDurably)
    register(Publishing.survivesBrokerRestart)
    register(Publishing.saysSoWithoutConnection)
    register(Delivering.continuesAfterConnectionLoss)
    register(Failing.buriesStrangers)
    register(Signalling.reportsGaps)
    register(Stressing.survivesCuts)
  })
}

const isMissing = <A>(feature: Feature<A>): feature is { readonly skip: string } =>
  typeof feature === "object" && feature !== null && "skip" in feature
