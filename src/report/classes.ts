import { formatCount, formatNumber } from './format.js'
import type { Attribute } from './latentContents.js'

/** Classes of a sequence of colours, and of distinct ones. */
export const sequence = ['s0', 's1', 's2', 's3', 's4', 's5', 's6'] as const
export const categories = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6'] as const
/** Class of what is not known, and of the labels that no colour is left for. */
export const none = 'none'

export interface Classified {
  /** A class for each value. */
  readonly classes: readonly string[]
  /** What each value is, for people. */
  readonly shown: readonly string[]
  /** The classes that occur, in order, with what they stand for. */
  readonly legend: readonly { readonly name: string; readonly label: string }[]
}

/**
 * Colours for the values of an attribute: numbers in up to seven classes of about equally many values each, which
 * skewed values need; labels in the order of how often they occur, the seven most frequent in colours of their own.
 */
export function classify({ values }: Attribute, format: (value: number) => string = formatNumber): Classified {
  return values.some((value) => typeof value === 'string') ? byLabel(values) : byNumber(values as readonly (number | null)[], format)
}

/** The same with so many more values at the end, of series that are not named: nothing is told of them, so they have one class. */
export function withUnnamed({ classes, shown, legend }: Classified, count: number): Classified {
  if (count === 0) return { classes, shown, legend }
  const [known, unknown] = [legend.filter(({ name }) => name !== none), legend.find(({ name }) => name === none)]
  return {
    classes: [...classes, ...Array<string>(count).fill(none)],
    shown: [...shown, ...Array<string>(count).fill('–')],
    legend: [...known, { name: none, label: unknown === undefined ? 'not named here' : `${unknown.label}, or not named here` }],
  }
}

function byNumber(values: readonly (number | null)[], format: (value: number) => string): Classified {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b)
  const distinct = [...new Set(known)]
  const bounds = distinct.length <= sequence.length ? distinct : quantiles(known)
  // Few classes are spread over the whole sequence, so that the ends look like ends.
  const name = (i: number): string => sequence[bounds.length === 1 ? 3 : Math.round((i * (sequence.length - 1)) / (bounds.length - 1))]!
  const classOf = (value: number): number => bounds.findLastIndex((bound) => value >= bound)
  const last = (i: number): number =>
    i + 1 < bounds.length ? known.findLast((value) => value < bounds[i + 1]!)! : known[known.length - 1]!
  return {
    classes: values.map((value) => (value === null ? none : name(classOf(value)))),
    shown: values.map((value) => (value === null ? 'not known' : format(value))),
    legend: [
      ...bounds.map((bound, i) => ({ name: name(i), label: bound === last(i) ? format(bound) : `${format(bound)} to ${format(last(i))}` })),
      ...(known.length < values.length ? [{ name: none, label: 'not known' }] : []),
    ],
  }
}

/** The smallest value of each class: a quantile, or the next value up where many are equal. */
function quantiles(sorted: readonly number[]): number[] {
  const starts: number[] = []
  for (const i of sequence.keys()) {
    const quantile = sorted[Math.floor((i * sorted.length) / sequence.length)]!
    const last = starts[starts.length - 1]
    const start = last === undefined || quantile > last ? quantile : sorted.find((value) => value > last)
    if (start !== undefined) starts.push(start)
  }
  return starts
}

function byLabel(values: readonly (number | string | null)[]): Classified {
  const counts = new Map<string, number>()
  for (const value of values) if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
  const labels = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([label]) => label)
  const own = labels.slice(0, categories.length)
  const others = labels.length - own.length
  const missing = values.some((value) => value === null)
  const classOf = (value: number | string | null): string => (value === null ? none : (categories[own.indexOf(String(value))] ?? none))
  const rest = [
    ...(others > 0 ? [`${formatCount(others)} other ${others === 1 ? 'label' : 'labels'}`] : []),
    ...(missing ? ['not known'] : []),
  ]
  return {
    classes: values.map(classOf),
    shown: values.map((value) => (value === null ? 'not known' : String(value))),
    legend: [
      ...own.map((label, i) => ({ name: categories[i]!, label })),
      ...(rest.length > 0 ? [{ name: none, label: rest.join(', ') }] : []),
    ],
  }
}
