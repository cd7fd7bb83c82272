import { isRoot, run, succeeds } from "./processes.ts"
import { ServerMissing } from "./server.ts"

// One apt-get at a time: it holds a lock.
let queue: Promise<unknown> = Promise.resolve()
let isUpdated = false

/** Installs the first of these Debian packages that exists, or says what is missing. */
export const install = (packages: ReadonlyArray<string>, variable: string): Promise<void> => {
  const installed = queue.then(() => installNow(packages, variable))
  queue = installed.catch(() => undefined)
  return installed
}

const installNow = async (packages: ReadonlyArray<string>, variable: string): Promise<void> => {
  const [name = ""] = packages
  if (!isRoot || !(await succeeds("apt-get", ["--version"]))) {
    throw new ServerMissing(
      `${name} is not installed. Set ${variable} to the URL of a server, or start Docker, or install the Debian package ${name}.`
    )
  }
  // `RUNLEVEL=1` keeps the package from starting a service of its own.
  const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" }
  const options = ["-qq", "-o", "DPkg::Lock::Timeout=300"]
  if (!isUpdated) {
    progress("apt-get update")
    await run({ command: "apt-get", args: [...options, "update"], env })
    isUpdated = true
  }
  for (const candidate of packages) {
    if (!(await succeeds("apt-cache", ["show", "--no-all-versions", candidate]))) continue
    progress(`apt-get install ${candidate}`)
    await run({ command: "apt-get", args: [...options, "install", "-y", "--no-install-recommends", candidate], env })
    return
  }
  throw new ServerMissing(
    `This system has no Debian package ${packages.join(" or ")}. Set ${variable} to the URL of a server.`
  )
}

const progress = (step: string): void => void process.stderr.write(`servers: ${step}\n`)
