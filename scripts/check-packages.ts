/**
 * Checks every package that is published, as a consumer gets it: packs it, and lets publint and Are The Types Wrong
 * look at the tarball. Builds nothing: run `tsc -b` before.
 */
import { execFile } from "node:child_process"
import { existsSync, globSync, readFileSync } from "node:fs"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { publint } from "publint"
import { formatMessage } from "publint/utils"

interface Manifest {
  readonly name: string
  readonly private?: boolean
}

const run = promisify(execFile)
const root = join(import.meta.dirname, "..")

/** What is wrong with a package; nothing when all is well. */
const check = async (folder: string, manifest: Manifest, scratch: string): Promise<ReadonlyArray<string>> => {
  if (!existsSync(join(folder, "dist", "index.js"))) return ["is not built: run `npm run -s build`"]
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", scratch], {
    cwd: folder
  })
  const tarball = join(scratch, tarballName(stdout))
  const [messages, types] = await Promise.all([publintMessages(tarball, manifest), typesProblem(tarball)])
  return [...messages, ...types]
}

/** Older versions of npm print a list of packed packages, newer ones an object by name. */
const tarballName = (output: string): string => {
  const packed = Object.values(JSON.parse(output) as Record<string, { readonly filename: string }>)
  return packed[0]?.filename ?? ""
}

const publintMessages = async (tarball: string, manifest: Manifest): Promise<ReadonlyArray<string>> => {
  const content = await readFile(tarball)
  const { messages, pkg } = await publint({ pack: { tarball: Uint8Array.from(content).buffer }, strict: true })
  return messages.flatMap((message) => formatMessage(message, pkg ?? manifest, { color: false }) ?? message.code)
}

const typesProblem = async (tarball: string): Promise<ReadonlyArray<string>> => {
  const attw = join(root, "node_modules", ".bin", "attw")
  try {
    await run(attw, [tarball, "--profile", "esm-only", "--no-color", "--no-emoji"])
    return []
  } catch (error) {
    return [error instanceof Error && "stdout" in error ? String(error.stdout).trim() : String(error)]
  }
}

const scratch = await mkdtemp(join(tmpdir(), "kanau-packages-"))
try {
  const packages = globSync("packages/*/package.json", { cwd: root }).toSorted().map((path) => ({
    folder: dirname(join(root, path)),
    manifest: JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest
  })).filter(({ manifest }) => manifest.private !== true)
  const problems = await Promise.all(packages.map(({ folder, manifest }) => check(folder, manifest, scratch)))
  for (const [index, { manifest }] of packages.entries()) {
    for (const problem of problems[index] ?? []) console.error(`${manifest.name}: ${problem}`)
  }
  const count = problems.filter((found) => found.length > 0).length
  console.log(`${packages.length - count} of ${packages.length} packages are fit to publish.`)
  if (count > 0) process.exitCode = 1
} finally {
  await rm(scratch, { recursive: true })
}
