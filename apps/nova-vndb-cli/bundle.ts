/**
 * Puts the tool into a few files, so that it starts fast and needs no packages: `dist/nova-vndb-cli.mjs`, what it loads
 * later in `dist/chunks`, and the folders that the sources refer to (`new URL("…", import.meta.url)`) in `dist/files`.
 */
import { chmodSync, cpSync, existsSync, rmSync, statSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { type Plugin, rolldown } from "rolldown"

const root = resolve(import.meta.dirname, "../..")
const dist = join(import.meta.dirname, "dist")

/** Where a folder of the workspace goes. */
const placeOf = (folder: string): string => `files/${relative(root, folder).replaceAll(/[^\w]+/g, "-")}`

const reference = /new URL\("(\.[^"]+)", import\.meta\.url\)/g

/** Takes along the folders that are referred to. */
const folders = (): Plugin => {
  const found = new Map<string, string>()
  return {
    name: "folders",
    transform: {
      filter: { id: /packages\/.*\.ts$/, code: "import.meta.url" },
      handler: (code, id) =>
        code.replaceAll(reference, (text, path: string) => {
          const folder = resolve(dirname(id), path)
          if (!existsSync(folder) || !statSync(folder).isDirectory()) return text
          found.set(placeOf(folder), folder)
          // Every chunk is in a folder beside it.
          return `new URL("../${placeOf(folder)}", import.meta.url)`
        })
    },
    writeBundle: (_, chunks) => {
      const code = Object.values(chunks).map((chunk) => chunk.type === "chunk" ? chunk.code : "").join("\n")
      for (const [place, folder] of found) {
        if (code.includes(place)) cpSync(folder, join(dist, place), { recursive: true })
      }
    }
  }
}

/** Libraries ask for these if somebody has installed them. */
const optional = [
  "@aws-sdk/credential-providers",
  "@mongodb-js/zstd",
  "gcp-metadata",
  "kerberos",
  "mongodb-client-encryption",
  "pg-native",
  "snappy",
  "socks"
]

for (const folder of ["chunks", "files"]) rmSync(join(dist, folder), { recursive: true, force: true })
const bundle = await rolldown({
  input: join(import.meta.dirname, "src/main.ts"),
  platform: "node",
  external: [/^node:/, ...optional],
  resolve: { conditionNames: ["@kanau/source", "node", "import", "default"] },
  plugins: [folders()]
})
const { output } = await bundle.write({
  dir: dist,
  format: "esm",
  entryFileNames: "nova-vndb-cli.mjs",
  chunkFileNames: "chunks/[name]-[hash].mjs",
  minify: true
})
await bundle.close()
chmodSync(join(dist, "nova-vndb-cli.mjs"), 0o755)
const bytes = output.reduce((sum, chunk) => sum + (chunk.type === "chunk" ? chunk.code.length : 0), 0)
process.stdout.write(
  `${relative(root, dist)}/nova-vndb-cli.mjs: ${output.length} files, ${Math.round(bytes / 1024)} KiB\n`
)
