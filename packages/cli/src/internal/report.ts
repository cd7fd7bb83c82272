/** Reports for people. */
import { type RuleName, rules } from "../Rules.ts"
import type { Finding, Report } from "../SchemaCheck.ts"

/** The report of a check, a paragraph for each finding. */
export const text = ({ broken, decoded, findings, nextVersion }: Report, version: string): string => {
  const errors = findings.filter(isBroken).length
  const warnings = findings.filter(({ allowed, severity }) => severity === "WARN" || allowed).length
  const summary = findings.length === 0
    ? `The contracts are those of snapshot ${version}.`
    : broken
    ? `${count(errors, "broken rule")}, ${count(warnings, "warning")}.`
    : `${count(findings.length, "change")} allowed, ${count(warnings, "warning")}; ` +
      `\`kanau schema snapshot\` makes version ${nextVersion} of them.`
  return [...findings.map(paragraph), `${summary} ${count(decoded, "stored sample")} decoded.`].join("\n\n")
}

const paragraph = (finding: Finding): string => {
  const rule = rules[finding.rule satisfies RuleName]
  const place = finding.path === "" ? finding.contract : `${finding.contract}, ${finding.path}`
  return [
    `${finding.severity}${finding.allowed ? " (allowed: the version was raised)" : ""} ${finding.rule}: ${place}`,
    `  ${rule.what}${finding.detail === "" ? "" : ` (${finding.detail})`}`,
    ...(finding.severity === "INFO" || finding.allowed ? [] : [`  What to do: ${rule.fix}`])
  ].join("\n")
}

const isBroken = ({ allowed, severity }: Finding): boolean => severity === "ERROR" && !allowed

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`
