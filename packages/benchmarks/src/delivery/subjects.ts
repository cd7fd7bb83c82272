/** The processes that are measured, each in a module of its own so that a process loads only what it needs. */
import type { Child } from "../child.ts"
import { start } from "../child.ts"

export const subjects = {
  relay: () => import("./subjects/relay.ts"),
  amqpPublisher: () => import("./subjects/amqpPublisher.ts"),
  natsPublisher: () => import("./subjects/natsPublisher.ts"),
  graphile: () => import("./subjects/graphile.ts"),
  pgBoss: () => import("./subjects/pgBoss.ts"),
  bullmq: () => import("./subjects/bullmq.ts"),
  consumer: () => import("./subjects/consumer.ts"),
  amqpConsumer: () => import("./subjects/amqpConsumer.ts"),
  natsConsumer: () => import("./subjects/natsConsumer.ts"),
  pgConsumer: () => import("./subjects/pgConsumer.ts"),
  producer: () => import("./subjects/producer.ts"),
  inbox: () => import("./subjects/inbox.ts"),
  emitter: () => import("./subjects/emitter.ts"),
  listener: () => import("./subjects/listener.ts"),
  idleRelay: () => import("./subjects/idleRelay.ts"),
  nest: () => import("./subjects/nest.ts")
}

export type SubjectName = keyof typeof subjects

type Work<Name extends SubjectName> = Awaited<ReturnType<Awaited<ReturnType<(typeof subjects)[Name]>>["prepare"]>>

/** What each is asked for. */
type Orders = { readonly [Name in SubjectName]: Parameters<Work<Name>>[0] }

/** A process that has been prepared. */
export interface Subject<Name extends SubjectName> {
  readonly child: Child
  readonly ask: (order: Orders[Name]) => ReturnType<Work<Name>>
}

/** Starts one; `environment` leads to its servers. */
export const launch = async <Name extends SubjectName>(
  name: Name,
  environment: Readonly<Record<string, string>>
): Promise<Subject<Name>> => {
  const child = await start(
    new URL("./subject.ts", import.meta.url),
    { SUBJECT: name, ...environment },
    (line) => line === "ready" ? line : undefined
  )
  // The child answers with what its module returns.
  return { child, ask: (order) => child.ask(order) as ReturnType<Work<Name>> }
}
