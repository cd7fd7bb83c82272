/**
 * Traces, metrics and logs over OTLP, when `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector. Without it tracing is
 * switched off, so a span costs one branch. `OTEL_EXPORTER_OTLP_HEADERS` (`name=value,…`) goes with every export.
 */
import { Config, Effect, Layer, Option, References, Schema } from "effect"

/** Telemetry of the role `name`; logs are exported as well as written. */
export const layer = (name: string): Layer.Layer<never, Config.ConfigError> =>
  Layer.unwrap(
    Effect.flatMap(settings, ({ endpoint, headers }) =>
      Option.isNone(endpoint)
        ? Effect.succeed(Layer.succeed(References.TracerEnabled, false))
        // Loaded only when used: the exporters would cost every start a tenth of a second.
        : Effect.promise(async () => {
          const [{ Otlp }, { FetchHttpClient }] = await Promise.all([
            import("effect/observability"),
            import("effect/http")
          ])
          return Layer.provide(
            Otlp.layerJson({
              baseUrl: endpoint.value.toString(),
              resource: { serviceName: name },
              headers: Option.getOrElse(headers, () => ({})),
              shutdownTimeout: "3 seconds"
            }),
            FetchHttpClient.layer
          )
        }))
  )

const settings = Config.all({
  endpoint: Config.option(Config.URL("OTEL_EXPORTER_OTLP_ENDPOINT")),
  headers: Config.option(Config.Record(Schema.String, Schema.String, "OTEL_EXPORTER_OTLP_HEADERS"))
})
