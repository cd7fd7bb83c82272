import { createConnection } from "mysql2/promise"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { install } from "./apt.ts"
import type { Compose } from "./docker.ts"
import { ask, asUser, freePort, run, start, succeeds, temporaryFolder } from "./processes.ts"
import type { Running, Via } from "./server.ts"
import { withPath } from "./server.ts"

/** MariaDB: every room is a database. */
export const startMariadb = async (docker: Compose | undefined): Promise<Running> => {
  const url = process.env["MYSQL_URL"]
  if (url) return running(url, "environment", async () => undefined)
  if (docker) {
    return running(`mysql://root:kanau@127.0.0.1:${await docker.up("mariadb", 3306)}`, "docker", docker.down)
  }
  return startPrivate()
}

/** The packages of the bare server and client bring no account, and no service that could start. */
const user = "daemon"

const packages = [
  // Setting up a folder of data needs a program of the client.
  { command: "my_print_defaults", name: "mariadb-client-core" },
  { command: "mariadbd", name: "mariadb-server-core" }
]

const startPrivate = async (): Promise<Running> => {
  for (const { command, name } of packages) {
    if (!(await succeeds(command, ["--version"]))) await install([name], "MYSQL_URL")
  }
  const folder = await temporaryFolder(user)
  const data = join(folder, "data")
  await run(asUser(user, {
    command: "mariadb-install-db",
    args: ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db"]
  }))
  const accounts = join(folder, "accounts.sql")
  await writeFile(
    accounts,
    "create user kanau@'127.0.0.1' identified by 'kanau';\ngrant all on *.* to kanau@'127.0.0.1' with grant option;\n"
  )
  const port = await freePort()
  const settings = [
    `datadir=${data}`,
    `port=${port}`,
    "bind-address=127.0.0.1",
    `socket=${join(folder, "socket")}`,
    `init-file=${accounts}`,
    `tmpdir=${folder}`,
    "skip-name-resolve",
    "innodb-flush-log-at-trx-commit=0",
    "innodb-buffer-pool-size=64M"
  ]
  const own = new URL(`mysql://kanau:kanau@127.0.0.1:${port}`)
  const server = await start({ command: "mariadbd", args: ["--no-defaults", ...settings.map((one) => `--${one}`)] }, {
    user,
    folder,
    // The data is thrown away.
    stopSignal: "SIGKILL",
    isReady: async () => (await ask(own, 3306, "", (greeting) => greeting.includes("MariaDB"))) !== "",
    withinMillis: 60_000
  })
  return running(own.href, "apt", server.stop)
}

const running = async (url: string, via: Via, stop: () => Promise<void>): Promise<Running> => {
  const version = await query(url, "select version() as version")
  return {
    url,
    via,
    version: version.split("-")[0] ?? "",
    openRoom: async (name) => {
      await query(url, `create database \`${name}\` character set utf8mb4`)
      return { name, url: withPath(url, name) }
    },
    closeRoom: async (name) => {
      await query(url, `drop database if exists \`${name}\``)
    },
    stop
  }
}

/** The first cell of the answer. */
const query = async (url: string, sql: string): Promise<string> => {
  const connection = await createConnection({ uri: url, rowsAsArray: true })
  try {
    const [rows] = await connection.query(sql)
    const [row]: ReadonlyArray<unknown> = Array.isArray(rows) ? rows : []
    return Array.isArray(row) ? String(row[0]) : ""
  } finally {
    await connection.end()
  }
}
