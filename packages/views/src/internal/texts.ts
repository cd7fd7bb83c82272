/**
 * The order of two texts by code point, which is that of their UTF-8: characters beyond U+FFFF are two surrogates in
 * JavaScript, which sort below U+E000 by themselves.
 */
export const orderOfTexts = (a: string, b: string): number => {
  const common = Math.min(a.length, b.length)
  for (let at = 0; at < common; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left !== right) return lifted(left) - lifted(right)
  }
  return a.length - b.length
}

const lifted = (unit: number): number => unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
