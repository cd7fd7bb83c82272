/** What Nova VNDB consists of, for the commands; loaded when one of them needs it. */
import type { Operate } from "@kanau/operator"
import { Migrations } from "@kanau/postgres"
import { accounts, Scheduler, Views, Wiki } from "@kanau/vndb"
import { system } from "@kanau/vndb/system"
import { sources } from "@kanau/vndb/wiki/search/sources"

export const deployment: Operate.Deployment = {
  system,
  accounts,
  timetable: Scheduler.timetable,
  migrations: [Migrations.kanau, Wiki.migrations],
  views: Views.views,
  rebuilding: Views.rebuild.queue.name,
  sources
}
