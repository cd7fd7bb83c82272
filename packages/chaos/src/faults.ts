/** What breaks. Each fault happens and is healed; how long it lasts, chance decides. */
import { Effect } from "effect"
import type { Role, World } from "./world.ts"
import { roles } from "./world.ts"

/** A source of chance from 0 to 1; the same seed gives the same. */
export type Chance = () => number

export interface Fault {
  readonly name: string
  /** Absent where the broker does not matter. */
  readonly only?: ReadonlyArray<World["broker"]>
  /** Messages in the hands of a consumer are delivered again, only by RabbitMQ before all others. */
  readonly redelivers?: boolean
  readonly happen: (world: World, chance: Chance) => Effect.Effect<void>
}

const between = (chance: Chance, least: number, most: number) => Math.round(least + chance() * (most - least))

const promise = (step: () => Promise<unknown>) => Effect.asVoid(Effect.promise(step))

const kill = (role: Role): Fault => ({
  name: `kill -9 of the ${role}`,
  redelivers: role === "consumer",
  happen: ({ actors }) => promise(actors[role].kill)
})

/** Stopped for longer than its lease, and then it goes on as if nothing had been. */
const pause = (role: Role): Fault => ({
  name: `SIGSTOP of the ${role} past its lease`,
  happen: ({ actors }, chance) =>
    Effect.gen(function*() {
      actors[role].signal("SIGSTOP")
      yield* Effect.sleep(between(chance, 1500, 2500))
      actors[role].signal("SIGCONT")
    })
})

const wires = ["postgres", "bus"] as const

const onWire = (name: string, toxics: Parameters<World["wires"]["bus"]["set"]>[0], least: number, most: number) =>
  wires.map((wire): Fault => ({
    name: `${name} to ${wire}`,
    redelivers: wire === "bus",
    happen: (world, chance) =>
      Effect.gen(function*() {
        world.wires[wire].set(toxics)
        yield* Effect.sleep(between(chance, least, most))
        world.wires[wire].set({})
        // What hangs on a connection that was silent is let go, as a router would that has forgotten it.
        if (toxics.blackhole === true) world.wires[wire].reset()
      })
  }))

const jump = (hours: number): Fault => ({
  name: `the clock jumps ${hours > 0 ? "forward" : "back"} an hour`,
  happen: ({ actors }, chance) =>
    Effect.gen(function*() {
      for (const role of ["relay", "consumer"] as const) actors[role].setClock(hours * 3_600_000)
      yield* Effect.sleep(between(chance, 500, 1500))
      for (const role of ["relay", "consumer"] as const) actors[role].setClock(0)
    })
})

/** Deaths of processes, which may come at any moment. */
export const kills: ReadonlyArray<Fault> = roles.map(kill)

const faults: ReadonlyArray<Fault> = [
  ...kills,
  pause("relay"),
  pause("scheduler"),
  {
    name: "PostgreSQL crashes and starts again",
    happen: ({ postgres }, chance) =>
      Effect.andThen(
        promise(postgres.crash),
        Effect.andThen(Effect.sleep(between(chance, 0, 1000)), promise(postgres.start))
      )
  },
  {
    name: "the broker crashes and starts again",
    only: ["rabbitmq", "nats"],
    redelivers: true,
    happen: ({ bus }, chance) =>
      Effect.andThen(promise(bus.crash), Effect.andThen(Effect.sleep(between(chance, 0, 1000)), promise(bus.start)))
  },
  ...onWire("connections are cut", { down: true }, 100, 1000),
  ...onWire("connections are accepted but silent", { blackhole: true }, 1000, 2500),
  ...onWire("connections are slow", { latencyMillis: 100 }, 500, 2000),
  ...onWire("connections are cut after some bytes", { resetAfterBytes: 5000 }, 500, 1500),
  {
    name: "PostgreSQL has no room on its disk",
    happen: ({ postgres }, chance) =>
      Effect.gen(function*() {
        yield* promise(postgres.fill)
        yield* Effect.sleep(between(chance, 500, 1500))
        yield* promise(postgres.free)
      })
  },
  {
    name: "RabbitMQ's memory alarm",
    only: ["rabbitmq"],
    happen: ({ control }, chance) =>
      Effect.gen(function*() {
        yield* promise(async () => control?.("set_vm_memory_high_watermark", "0.00001"))
        yield* Effect.sleep(between(chance, 500, 1500))
        yield* promise(async () => control?.("set_vm_memory_high_watermark", "0.4"))
      })
  },
  jump(1),
  jump(-1)
]

/** The faults that there are with a broker. */
export const faultsOn = (broker: World["broker"]): ReadonlyArray<Fault> =>
  faults.filter(({ only }) => only === undefined || only.includes(broker))
