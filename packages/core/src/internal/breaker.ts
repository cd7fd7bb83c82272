/** The state machine of a circuit breaker: what happened goes in, where it stands comes out. No effects, no calls. */
import type { State } from "../Breakers.ts"
import * as OutcomeWindow from "./outcomeWindow.ts"

/** Settings, checked and complete. */
export interface Rules {
  readonly failures: number
  readonly errorRate: number
  readonly window: number
  readonly minimumCalls: number
  readonly openMillis: number
  readonly probes: number
  readonly successes: number
}

/** Mutable; one for each breaker. */
export interface Machine {
  readonly rules: Rules
  state: State
  /** Grows with every move; what began in an earlier period no longer counts. */
  period: number
  opensUntil: number
  probing: number
  inARow: number
  succeeded: number
  readonly window: OutcomeWindow.OutcomeWindow
}

/** A closed breaker. */
export const make = (rules: Rules): Machine => ({
  rules,
  state: "closed",
  period: 0,
  opensUntil: 0,
  probing: 0,
  inARow: 0,
  succeeded: 0,
  window: OutcomeWindow.make(rules.window)
})

/** Where it would stand if a call came at `now`. */
export const stateAt = (machine: Machine, now: number): State =>
  machine.state === "open" && now >= machine.opensUntil ? "half-open" : machine.state

/** Moves, and forgets what it counted. */
export const move = (machine: Machine, to: State, now: number): void => {
  machine.state = to
  machine.period++
  machine.inARow = machine.probing = machine.succeeded = 0
  machine.window.clear()
  if (to === "open") machine.opensUntil = now + machine.rules.openMillis
}

/** Counts an outcome of the current period; says where to move, if it must. */
export const record = (machine: Machine, failed: boolean): State | undefined => {
  const { rules, window } = machine
  if (machine.state === "half-open") {
    if (failed) return "open"
    return ++machine.succeeded >= rules.successes ? "closed" : undefined
  }
  machine.inARow = failed ? machine.inARow + 1 : 0
  window.add(failed)
  const isRateReached = window.calls() >= rules.minimumCalls && window.failures() >= rules.errorRate * window.calls()
  return machine.inARow >= rules.failures || isRateReached ? "open" : undefined
}
