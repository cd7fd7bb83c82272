/** Words that are roman numerals from 2 to 39, of at least two letters, as digits; the rule is told in `Folding`. */
export const plainNumbers = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.map((word) => values.get(word) ?? word)

const tens = ["", "x", "xx", "xxx"]
const ones = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"]

const values: ReadonlyMap<string, string> = new Map(
  tens.flatMap((ten, n) => ones.map((one, m): [string, string] => [`${ten}${one}`, String(n * 10 + m)]))
    .filter(([word]) => word.length > 1)
)
