/**
 * The requests that clients of VNDB's API send, in the proportions seen in their code, at 32 at a time: first mixed, then each
 * kind by itself. The gateway is a process of its own, its pages are in MongoDB or its stand-in.
 */
import { percentile, report } from "../report.ts"
import { random } from "./random.ts"

/** What requests ask for, taken from the database. */
export interface Subjects {
  /** Visual novels, the most voted-for first. */
  readonly vns: ReadonlyArray<string>
  readonly titles: ReadonlyArray<string>
  readonly tags: ReadonlyArray<string>
  readonly users: ReadonlyArray<string>
}

interface Request {
  readonly kind: string
  readonly path: string
  readonly body: object
}

const concurrency = 32

const deep =
  "id, title, alttitle, titles{lang,title,latin,official,main}, aliases, olang, devstatus, released, languages, " +
  "platforms, image{url,dims,sexual,violence}, length, length_minutes, description, rating, votecount, " +
  "tags{name,rating,spoiler,category}, developers{name}, staff{role,name}, va{character{name},staff{name}}, " +
  "relations{relation,title}, screenshots{url,dims}, extlinks{url,label}"
const shallow = "title, alttitle, released, image{url,sexual}, rating, votecount"

/** Runs for so many seconds of each; `label` names the scale in the cases. */
export const mix = async (
  bench: string,
  label: string,
  address: string,
  subjects: Subjects,
  seconds: number
): Promise<void> => {
  const draw = makers(subjects)
  // Until what is often run is compiled, and what is popular in memory.
  await load(address, draw, 5)
  const mixed = await load(address, draw, seconds)
  figures(bench, `${label}: request mix`, mixed.map(({ millis }) => millis), seconds, 100)
  for (const [kind, some] of Map.groupBy(mixed, (one) => one.kind)) {
    figures(bench, `${label}: ${kind}, in the mix`, some.map(({ millis }) => millis), seconds)
  }
}

const figures = (bench: string, name: string, millis: ReadonlyArray<number>, seconds: number, p99?: number) => {
  report({ bench, case: name, unit: "req/s", ours: [millis.length / seconds] })
  report({ bench, case: name, unit: "ms p50", ours: [percentile(millis, 0.5)] })
  report({ bench, case: name, unit: "ms p95", ours: [percentile(millis, 0.95)] })
  report({
    bench,
    case: name,
    unit: "ms p99",
    ours: [percentile(millis, 0.99)],
    ...(p99 === undefined ? {} : { goal: { atMost: p99 } })
  })
}

const load = async (address: string, draw: () => Request, seconds: number) => {
  const answers: Array<{ readonly kind: string; readonly millis: number }> = []
  const end = performance.now() + seconds * 1000
  const client = async () => {
    while (performance.now() < end) {
      const { body, kind, path } = draw()
      const began = performance.now()
      const response = await fetch(`${address}/kana${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body)
      })
      const text = await response.text()
      if (response.status !== 200) throw new Error(`${kind} was answered ${response.status}: ${text}`)
      answers.push({ kind, millis: performance.now() - began })
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client))
  return answers
}

const makers = ({ tags, titles, users, vns }: Subjects): () => Request => {
  const next = random(20_261_121)
  const below = (count: number) => Math.floor(next() * count)
  /** Popular ones are asked for more. */
  const vn = () => vns[Math.floor(vns.length * next() ** 3)] ?? "v1"
  /** Some letters of a title. */
  const word = () => {
    const letters = (titles[below(titles.length)] ?? "").replace(/[^\p{L}\p{N}]/gu, "")
    const at = below(Math.max(1, letters.length - 4))
    return letters.slice(at, at + 2 + below(6)) || "a"
  }
  const shares: ReadonlyArray<readonly [number, () => Request]> = [
    [35, () => ({ kind: "a vn, deep", path: "/vn", body: { filters: ["id", "=", vn()], fields: deep } })],
    [20, () => ({
      kind: "search",
      path: "/vn",
      body: { filters: ["search", "=", word()], fields: shallow, sort: "searchrank", results: 10 + below(20) }
    })],
    [15, () => ({
      kind: "vns by ids",
      path: "/vn",
      body: {
        filters: ["or", ...Array.from({ length: 50 + below(50) }, () => ["id", "=", vn()])],
        fields: shallow,
        results: 100
      }
    })],
    [10, () => ({
      kind: "releases of a vn",
      path: "/release",
      body: {
        filters: ["vn", "=", ["id", "=", vn()]],
        fields: "title, released, languages{lang,mtl}, platforms, producers{name,developer}",
        results: 50
      }
    })],
    [10, () => ({
      kind: "characters of a vn",
      path: "/character",
      body: {
        filters: ["vn", "=", ["id", "=", vn()]],
        fields: "name, original, image{url}, description, traits{name,group_name,spoiler}, vns{role,spoiler}",
        results: 100
      }
    })],
    [5, () => ({
      kind: "browse",
      path: "/vn",
      body: {
        filters: [
          "and",
          ["tag", "=", [tags[below(tags.length)] ?? "g1", 0, 1]],
          ["olang", "=", next() < 0.5 ? "ja" : "en"],
          ["released", ">=", "2010"]
        ],
        fields: shallow,
        sort: next() < 0.5 ? "rating" : "votecount",
        reverse: true,
        results: 20
      }
    })],
    [3, () => ({
      kind: "a list",
      path: "/ulist",
      body: {
        user: users[below(users.length)] ?? "u1",
        fields: "vote, labels{label}, vn{title}",
        sort: "vote",
        reverse: true
      }
    })],
    [2, () => ({ kind: "other", path: "/tag", body: { filters: ["search", "=", word()], fields: "name, vn_count" } })]
  ]
  return () => {
    let left = next() * 100
    for (const [share, make] of shares) {
      left -= share
      if (left < 0) return make()
    }
    return shares[0]?.[1]() as Request
  }
}
