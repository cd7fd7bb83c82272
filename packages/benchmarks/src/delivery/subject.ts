/** One measured process: prepares what `SUBJECT` names, says that it is ready, and carries out rounds. */
import { carryOut } from "../child.ts"
import type { SubjectName } from "./subjects.ts"
import { subjects } from "./subjects.ts"

const name = process.env["SUBJECT"] as SubjectName
const { prepare } = await subjects[name]()
carryOut(await prepare())
process.stdout.write("ready\n")
