/** The texts that stand beside the tables of a synthetic dump. */

const licence =
  "This dump is synthetic: every entry, name, text, vote and user in it is invented by a program, and any\n" +
  "likeness is chance. The rows are free for any use (CC0 1.0). Their number and distribution follow facts of\n" +
  "VNDB (https://vndb.org), which are available under the Open Database License 1.0.\n"

export const texts = (seed: bigint, scale: number, day: number): Readonly<Record<string, string>> => ({
  "LICENSE-CC-BY-NC-SA.txt": `db/anime\n\nIn VNDB's own dump this table is CC BY-NC-SA 4.0.\n\n${licence}`,
  "LICENSE-CC0.txt": `db/wikidata\n\nIn VNDB's own dump this table is CC0 1.0.\n\n${licence}`,
  "LICENSE-DBCL.txt": `Contents\n\nIn VNDB's own dump the contents are DbCL 1.0.\n\n${licence}`,
  "LICENSE-ODBL.txt": `Database\n\nVNDB's own dump is ODbL 1.0.\n\n${licence}`,
  "README.txt": "A synthetic dump in the layout of VNDB's database dump.\n\n" +
    `Seed ${seed}, scale ${scale}, day ${day}.\n\n${licence}\n` +
    "db/<table> is PostgreSQL's COPY text; db/<table>.header names its columns.\n"
})
