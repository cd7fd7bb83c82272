/**
 * Imports a VNDB dump, or its tables in MySQL, into PostgreSQL. A second run of the same dump writes and publishes nothing; an interrupted run is
 * simply started again. The outbox relay of the user-request-handler publishes what changed.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Correlation } from "@kanau/core"
import { BulkCopy, Database, Migrations, Outbox } from "@kanau/postgres"
import { ImportService, Wiki } from "@kanau/vndb"
import { MySqlSchema } from "@kanau/vndb-mysql"
import { Config, Console, Effect, Layer, type Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as fs from "node:fs/promises"
import { showProgress } from "./progress.ts"
import { openSource } from "./source.ts"

const dump = Argument.String("dump").pipe(
  Argument.optional,
  Argument.withDescription(
    "A .tar.zst, the folder that holds db/, or mysql://user@host/database; without it the URL in MYSQL_URL, "
      + "the place for one with a password"
  )
)
const timestamp = Flag.String("timestamp").pipe(
  Flag.optional,
  Flag.withDescription("When the data of a MySQL database were taken, if its table dump_files does not say")
)
const json = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print the report as JSON, without progress")
)
const userLists = Flag.Boolean("user-lists").pipe(
  Flag.withDefault(false),
  Flag.withDescription(
    "Import lists and votes of users too: personal data. Without it those of an earlier import are removed"
  )
)
const rejects = Flag.String("rejects").pipe(
  Flag.withDefault(""),
  Flag.withDescription("Write every row that was left out to this file: table, rule, line or key, separated by tabs")
)
const noDerive = Flag.Boolean("no-derive").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Leave ratings, tags and other derived data as they are")
)

interface Input {
  readonly dump: Option.Option<string>
  readonly timestamp: Option.Option<string>
  readonly json: boolean
  readonly userLists: boolean
  readonly rejects: string
  readonly noDerive: boolean
}

const migrate = Effect.fnUntraced(function*(input: Input) {
  const url = yield* Config.Redacted("DATABASE_URL")
  const applicationName = "vndb-migrator"
  const database = Layer.provideMerge(
    Outbox.layer({ source: "/vndb-migrator" }),
    Layer.merge(Database.layer({ url, applicationName }), BulkCopy.layer({ url, applicationName }))
  )
  const report = yield* Effect.gen(function*() {
    const archive = yield* openSource(input)
    yield* Migrations.run(Migrations.kanau, Wiki.migrations)
    const importing = {
      archive,
      userLists: input.userLists,
      derive: !input.noDerive,
      onProgress: input.json ? () => Effect.void : yield* showProgress
    }
    if (input.rejects === "") return yield* ImportService.importArchive(importing)
    return yield* Effect.acquireUseRelease(
      Effect.promise(() => fs.open(input.rejects, "w")),
      (file) =>
        ImportService.importArchive({
          ...importing,
          onRejects: (rows) => Effect.promise(() => file.write(lines(rows)))
        }),
      (file) => Effect.promise(() => file.close())
    )
  }).pipe(Effect.provideServiceEffect(Correlation.Correlation, Correlation.start), Effect.provide(database))
  yield* Console.log(input.json ? JSON.stringify(report) : describe(report))
})

const lines = (rows: ReadonlyArray<ImportService.Reject>): string =>
  rows.map(({ key, line, rule, table }) => `${table}\t${rule}\t${key ?? `line ${line}`}\n`).join("")

const describe = (report: ImportService.Report): string =>
  [
    `${report.created} entries created, ${report.edited} changed, ${report.deleted} deleted, ${report.restored} restored, `
    + `${report.unchanged} as they were`,
    `${report.added} other rows written, ${report.removed} removed`,
    ...report.unknownTables.map((table) => `left out: table ${table}, which is not known here`),
    ...report.unknownColumns.map((column) => `left out: column ${column}, which is not known here`),
    ...report.rejected.map(({ first, rows, rule, table }) =>
      `left out: ${rows} rows of ${table}, because ${rule} (${first.join("; ")}${rows > first.length ? "; …" : ""})`
    ),
    ...(report.rebuildViews ? ["Now build the pages: nova-vndb-cli view rebuild"] : []),
    `Dump of ${report.timestamp}. ${report.attribution} Say so wherever you show it.`
  ].join("\n")

const schema = Command.make("mysql-schema", {}, () => Console.log(MySqlSchema.ddl())).pipe(
  Command.withDescription("Print the tables as MySQL and MariaDB have them")
)

Command.make("vndb-migrator", { dump, timestamp, json, userLists, rejects, noDerive }, migrate).pipe(
  Command.withDescription("Import a VNDB dump into the database named by DATABASE_URL"),
  Command.withSubcommands([schema]),
  Command.run({ version: "0.1.0" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
