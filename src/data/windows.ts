import type { Series, SeriesSet, Windows } from './series.js'
import type { Split } from './split.js'
import { takeRows } from './toSeries.js'

/** Fewer series than this, with rows enough to make more of them, are cut. */
const FEW_SERIES = 20
const MANY_ROWS = 300
/** So many windows are aimed at, within these bounds of rows in each. */
const AIM = 100
const LEAST_ROWS = 20
const MOST_ROWS = 100
/** Series have at least so many windows, on average: of three, the usual 15 % would round to none to validate and none to test. */
const LEAST_WINDOWS = 4

/**
 * How to cut a set of few long series, from which nobody could learn what series have in common; undefined for sets that
 * are fine as they are.
 *
 * @param window rows of a window; `auto` decides whether to cut, and how
 * @param stride rows from one window's start to the next; default a whole window, so that none share rows
 */
export function chooseWindows(
  { series }: Pick<SeriesSet, 'series'>,
  window: number | 'auto' | 'none',
  stride?: number,
): Windows | undefined {
  if (window === 'none') return undefined
  if (window !== 'auto') return { rows: window, stride: stride ?? window }
  const rows = series.reduce((sum, { times }) => sum + times.length, 0)
  if (series.length >= FEW_SERIES || rows < MANY_ROWS || rows / series.length < LEAST_WINDOWS * LEAST_ROWS) return undefined
  const length = Math.min(MOST_ROWS, Math.max(LEAST_ROWS, Math.round(rows / AIM)))
  return { rows: length, stride: stride ?? length }
}

/** Where the windows of a series begin, so that the last one ends with its last row. One for a series that is not longer than a window. */
function starts(length: number, { rows, stride }: Windows): number[] {
  const out: number[] = []
  for (let start = length - rows; start >= 0; start -= stride) out.push(start)
  return out.length === 0 ? [0] : out.reverse()
}

/** A set whose series are the windows of another's: `p17 [003]` is the third of `p17`. Rows before the first whole window are left out. */
export function cutWindows(set: SeriesSet, windows: Windows | undefined): SeriesSet {
  if (windows === undefined || set.windows !== undefined) return set
  return { ...set, windows, series: set.series.flatMap((series) => windowsOf(series, set.channels.length, windows)) }
}

function windowsOf(series: Series, width: number, windows: Windows): Series[] {
  const { length } = series.times
  const begins = starts(length, windows)
  const digits = String(begins.length).length
  return begins.map((start, i) => {
    const rows = Int32Array.from({ length: Math.min(windows.rows, length) }, (_, k) => start + k)
    return {
      id: begins.length === 1 ? series.id : `${series.id} [${String(i + 1).padStart(digits, '0')}]`,
      ...takeRows(series, width, rows),
    }
  })
}

/** The last window of each series: what a forecast goes on from. */
export function lastWindows(set: SeriesSet, windows: Windows | undefined): SeriesSet {
  if (windows === undefined || set.windows !== undefined) return set
  return {
    ...set,
    windows,
    series: set.series.map((series) => {
      const rows = Math.min(windows.rows, series.times.length)
      return {
        id: series.id,
        ...takeRows(
          series,
          set.channels.length,
          Int32Array.from({ length: rows }, (_, k) => series.times.length - rows + k),
        ),
      }
    }),
  }
}

/**
 * Splits the windows of a set by time: of each series the last ones test, those before them validate, and the others
 * train. Windows that share rows with those of a later part are in none.
 */
export function splitWindows(set: SeriesSet, windows: Windows, fractions: { readonly valid: number; readonly test: number }): Split {
  const split = { train: [] as string[], valid: [] as string[], test: [] as string[] }
  for (const series of set.series) {
    const own = windowsOf(series, set.channels.length, windows)
    // Windows that the first of a part shares rows with.
    const shared = Math.ceil(windows.rows / windows.stride) - 1
    const spare = own.length - 1
    const test = Math.min(spare, fractions.test > 0 ? Math.round(own.length * fractions.test) : 0)
    const valid = Math.min(spare - test, fractions.valid > 0 ? Math.round(own.length * fractions.valid) : 0)
    const ids = own.map(({ id }) => id)
    const testAt = own.length - test
    const validEnd = test === 0 ? testAt : Math.max(0, testAt - shared)
    const validAt = Math.max(0, validEnd - valid)
    const trainEnd = valid === 0 ? validAt : Math.max(1, validAt - shared)
    split.test.push(...ids.slice(testAt))
    split.valid.push(...ids.slice(validAt, validEnd).filter((_, i) => validAt + i >= trainEnd))
    split.train.push(...ids.slice(0, Math.min(trainEnd, validAt === 0 ? own.length : validAt)))
  }
  return split
}
