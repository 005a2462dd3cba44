import { quantile } from '../describe.js'
import { plural, quote } from '../place.js'
import { optionText } from '../shellWord.js'

/** Numbers that people write where nothing was measured: −99, 999, 9999.9, −1e30. */
const SENTINEL = /^-?(?:9{2,}(?:\.9+)?|1e\+?(?:20|30|31|35|36|37|38)|32767|32768|2147483647|2147483648)$/
/** How far, in robust standard deviations, a value lies from the median, and from the next one, that is said to be odd. */
const FAR = 6
const GAP = 3
const FEWEST = 8
/** So many values tell median and spread well enough. */
const SAMPLE = 20_000

/** The values of one channel, and the line of each. */
export interface ChannelValues {
  readonly name: string
  readonly values: Float64Array
  line(at: number): number
}

/** Values that look like signs for missing ones, or like slips, as notices; nothing is changed. */
export function strangeValues(channels: readonly ChannelValues[], unit: 'line' | 'row'): string[] {
  const found = channels.map(observedOf).map((channel) => ({ ...channel, sentinels: findSentinels(channel.values) }))
  return found.flatMap(({ name, values, line, sentinels }) => [
    ...[...sentinels].map(([value, { count, at, low, high }]) => {
      // --missing holds for all channels: it must take nothing from another.
      const elsewhere = found.some((other) => other.name !== name && !other.sentinels.has(value) && other.values.includes(value))
      return (
        `${plural(count, 'value')} of ${quote(name)} ${count === 1 ? 'is' : 'are'} ${value}, far from all others (${low} to ${high}; ` +
        `${unit} ${line(at)}). If that stands for a missing value, ` +
        `${elsewhere ? 'leave the cells empty' : `add ${optionText('missing', String(value))}`}.`
      )
    }),
    ...describeOdd(name, values, findOdd(values, sentinels), line, unit),
  ])
}

/** What was observed alone: of most channels that is little. */
function observedOf({ name, values, line }: ChannelValues): ChannelValues {
  const observed = values.filter((value) => value === value)
  if (observed.length === values.length) return { name, values, line }
  let rows: number[] | undefined
  return {
    name,
    values: observed,
    line(at) {
      rows ??= Array.from(values.keys()).filter((row) => values[row] === values[row])
      return line(rows[at]!)
    },
  }
}

function describeOdd(name: string, values: Float64Array, odd: readonly number[], line: (at: number) => number, unit: string): string[] {
  if (odd.length === 0) return []
  const shown = odd
    .slice(0, 3)
    .map((at) => `${values[at]!} in ${unit} ${line(at)}`)
    .join(', ')
  const [it, is] = odd.length === 1 ? ['it', 'lies'] : ['them', 'lie']
  return [
    `${plural(odd.length, 'value')} of ${quote(name)} ${is} far from all others: ${shown}${odd.length > 3 ? ', …' : ''}. If that is ` +
      `a slip, correct ${it} or leave ${odd.length === 1 ? 'the cell' : 'the cells'} empty.`,
  ]
}

interface Sentinel {
  count: number
  readonly at: number
  readonly low: number
  readonly high: number
}

function findSentinels(values: Float64Array): Map<number, Sentinel> {
  const candidates = new Map<number, { count: number; at: number }>()
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    const size = Math.abs(value)
    // Whole numbers that do not end so need no closer look.
    if (size < 99 || (size < 1e15 && size % 10 < 9 && size % 10 !== 7 && size % 10 !== 8) || !SENTINEL.test(String(value))) continue
    const known = candidates.get(value)
    if (known === undefined) candidates.set(value, { count: 1, at })
    else known.count++
  }
  if (candidates.size === 0) return new Map()
  const rest = values.filter((value) => !candidates.has(value)).sort()
  if (rest.length < 3) return new Map()
  // A slip among the others must not hide a sign.
  const [low, high] = [quantile(rest, 0.01), quantile(rest, 0.99)]
  const range = high - low
  return new Map(
    [...candidates]
      .filter(([value]) => value < low - range || value > high + range)
      .map(([value, found]) => [value, { ...found, low: rest[0]!, high: rest.at(-1)! }]),
  )
}

/**
 * The places of the few values, at either end, beyond a wide gap: on the values' own
 * scale and, where none is negative, on that of their logarithms.
 */
function findOdd(values: Float64Array, sentinels: ReadonlyMap<number, unknown>): number[] {
  const usual = (value: number): boolean => sentinels.size === 0 || !sentinels.has(value)
  let [count, least] = [0, Infinity]
  for (const value of values) {
    if (!usual(value)) continue
    count++
    if (value < least) least = value
  }
  if (count < FEWEST) return []
  const stride = Math.max(1, Math.floor(count / SAMPLE))
  const sample = values.filter((value, at) => at % stride === 0 && usual(value)).sort()
  const scales = [
    scaleOf(sample, (value) => value),
    ...(least >= 0
      ? [
          scaleOf(
            sample.filter((value) => value > 0),
            Math.log,
          ),
        ]
      : []),
  ]
  if (scales.some(({ sd }) => !(sd > 0))) return []
  const few = Math.max(1, Math.floor(count * 0.002))
  const odd = (end: -1 | 1): number[] => beyondGap(values, usual, scales, few, end)
  // Where zeros are, a small value is no slip.
  return [...(least === 0 ? [] : odd(-1)), ...odd(1)].sort((a, b) => a - b)
}

interface Scale {
  to(value: number): number
  readonly median: number
  readonly sd: number
}

/**
 * A scale with the median of a sample and its robust standard deviation: the median distance from the
 * median, made as large as the standard deviation of a normal distribution.
 */
function scaleOf(sorted: Float64Array, to: (value: number) => number): Scale {
  const median = to(quantile(sorted, 0.5))
  return { to, median, sd: 1.4826 * quantile(sorted.map((value) => Math.abs(to(value) - median)).sort(), 0.5) }
}

/** The places of at most `few` values beyond a gap at the lower (−1) or upper (1) end, on all scales. */
function beyondGap(values: Float64Array, usual: (value: number) => boolean, scales: readonly Scale[], few: number, end: -1 | 1): number[] {
  const bounds = scales.map(({ median, sd }) => median + end * FAR * sd)
  const far: number[] = []
  let nearest = NaN
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (!usual(value)) continue
    if (scales.every(({ to }, s) => end * (to(value) - bounds[s]!) > 0)) {
      // Long tails are the way some things are.
      if (far.push(at) > 2 * few + 100) return []
    } else if (!(end * (value - nearest) <= 0)) nearest = value
  }
  far.sort((a, b) => end * (values[b]! - values[a]!))
  for (let count = Math.min(few, far.length); count >= 1; count--) {
    const [outer, inner] = [values[far[count - 1]!]!, count < far.length ? values[far[count]!]! : nearest]
    if (scales.every(({ to, sd }) => end * (to(outer) - to(inner)) > GAP * sd)) return far.slice(0, count)
  }
  return []
}
