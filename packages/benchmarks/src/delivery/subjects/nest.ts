/** `@nestjs/microservices` on RabbitMQ, set to the guarantees of ours: acknowledged by hand, persistent, quorum queue. */
import { Controller, Module } from "@nestjs/common"
import { NestFactory } from "@nestjs/core"
import { Ctx, EventPattern, type MicroserviceOptions, Payload, type RmqContext, Transport } from "@nestjs/microservices"
import { environment } from "../connections.ts"
import type { Round } from "../round.ts"
import { settled, tally } from "../round.ts"

/** The queue it declares itself. */
const queue = "nest"

export const prepare = async () => {
  const { expect, tick } = tally()
  class Handlers {
    noted({ n }: { readonly n: number }, context: RmqContext): void {
      if (n >= 0) tick()
      // The channel is typed as `any` there.
      const channel = context.getChannelRef() as { readonly ack: (message: Record<string, unknown>) => void }
      channel.ack(context.getMessage())
    }
  }
  class Application {
    readonly handlers = Handlers
  }
  // Decorators by hand, because type stripping leaves them where they are.
  Controller()(Handlers)
  EventPattern("noted")(Handlers.prototype, "noted", Object.getOwnPropertyDescriptor(Handlers.prototype, "noted") ?? {})
  Payload()(Handlers.prototype, "noted", 0)
  Ctx()(Handlers.prototype, "noted", 1)
  Module({ controllers: [Handlers] })(Application)
  return async ({ count, prefetch }: { readonly count: number; readonly prefetch: number }): Promise<Round> => {
    const finished = expect(count)
    const application = await NestFactory.createMicroservice<MicroserviceOptions>(Application, {
      transport: Transport.RMQ,
      logger: false,
      options: {
        urls: [environment("BUS_URL")],
        queue,
        noAck: false,
        persistent: true,
        prefetchCount: prefetch,
        queueOptions: { durable: true, arguments: { "x-queue-type": "quorum" } }
      }
    })
    await application.listen()
    const round = await finished
    await settled()
    await application.close()
    return round
  }
}
