const MINUS = 45
const ZERO = 48
const NINE = 57

/**
 * The number that a text is the one way to write, as `String` would: `12`, `-0.5`, not `12.0`, `007` or `1e3`. NaN for
 * all other texts. What is stored as such a number can be shown again as it was written.
 *
 * @param mark the decimal mark
 */
export function canonicalNumber(text: string, mark: '.' | ','): number {
  const length = text.length
  let at = text.charCodeAt(0) === MINUS ? 1 : 0
  const start = at
  while (at < length && isDigit(text.charCodeAt(at))) at++
  const whole = at - start
  if (whole === 0 || (whole > 1 && text.charCodeAt(start) === ZERO)) return otherwise(text, mark)
  if (at === length) return whole <= 15 && !(start === 1 && text.charCodeAt(1) === ZERO) ? Number(text) : otherwise(text, mark)
  if (text.charCodeAt(at) !== mark.charCodeAt(0)) return otherwise(text, mark)
  const point = at++
  while (at < length && isDigit(text.charCodeAt(at))) at++
  const decimals = at - point - 1
  if (at < length || decimals === 0 || text.charCodeAt(length - 1) === ZERO) return otherwise(text, mark)
  if (whole + decimals > 15 || (text.charCodeAt(start) === ZERO && text.startsWith('000000', point + 1))) return otherwise(text, mark)
  return Number(mark === '.' ? text : `${text.slice(0, point)}.${text.slice(point + 1)}`)
}

/** Long or very small numbers: what `String` makes of them decides. */
function otherwise(text: string, mark: '.' | ','): number {
  if (text.length < 8 && !/e/.test(text)) return NaN
  const value = plainNumber(text, mark)
  if (value !== value || value - value !== 0) return NaN
  return canonicalText(value, mark) === text ? value : NaN
}

/** How a number is written that `canonicalNumber` reads back. */
export const canonicalText = (value: number, mark: '.' | ','): string => (mark === '.' ? String(value) : String(value).replace('.', ','))

const PLAIN = { '.': /^[-+−]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/, ',': /^[-+−]?(?:\d+(?:,\d*)?|,\d+)(?:[eE][-+]?\d+)?$/ } as const

/** The number that a text without separators of thousands says, infinite beyond the largest; NaN where it is none. */
export function plainNumber(text: string, mark: '.' | ','): number {
  if (!PLAIN[mark].test(text)) return NaN
  return Number(text.replace(',', '.').replace('−', '-'))
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE
