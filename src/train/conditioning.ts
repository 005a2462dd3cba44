import type { Series, TimeAxis } from '../data/series.js'
import { UserError } from '../errors.js'
import type { RandomStream } from '../random.js'
import { parseCut, shareOfSpan, type Cut } from './cut.js'
import { drawFraction, parseFractions, type Fractions } from './fractions.js'
import { firstRows } from './selection.js'

/** Which observations the encoder is shown in training; the loss is always over all of them. */
export const conditionings = ['mixed', 'all', 'interpolation', 'extrapolation'] as const
export type ConditioningName = (typeof conditionings)[number]

/** What training shows of each series. */
export interface Conditioning {
  readonly conditioning: ConditioningName
  /** Of `interpolation`: the fraction of the rows that is shown, or two that it is drawn from; default 0.5. */
  readonly shown?: Fractions | undefined
  /** Of `extrapolation`: where what is shown ends, or two fractions of the span that it is drawn from; default 0.5. */
  readonly cut?: Cut | undefined
}

/** Indices of the rows of a series that the encoder reads. */
export type Shown = (series: Series, stream: RandomStream) => Int32Array

/** Of so many series one is shown nothing, and one a single row: from little or nothing a forecast is what holds for all series. */
const RARE = 24

/**
 * What a conditioning shows.
 *
 * @param axis of the times of the series
 * @throws UserError `BadFraction` for fractions that are none; as `parseCut`
 */
export function shownBy({ conditioning, shown = 0.5, cut = 0.5 }: Conditioning, axis: TimeAxis): Shown {
  switch (conditioning) {
    case 'mixed':
      return mixed
    case 'all':
      return ({ times }) => firstRows(times.length)
    case 'interpolation': {
      const fractions = parseFractions(shown)
      if (fractions === undefined)
        throw new UserError(
          'BadFraction',
          `What is shown is ${JSON.stringify(shown)}, but must be a fraction like 0.5, or two that it is drawn from, like 0.1..0.9.`,
        )
      return (series, stream) => interpolationRows(series, drawFraction(fractions, stream), stream)
    }
    case 'extrapolation': {
      const fractions = typeof cut === 'string' ? parseFractions(cut) : undefined
      if (fractions !== undefined) return (series, stream) => rowsUpTo(series, drawFraction(fractions, stream))
      const { count } = parseCut(axis, cut)
      return ({ times }) => firstRows(count(times))
    }
  }
}

/** All rows; some of them, from one to all; or a beginning, of any length. Rarely nothing, or one row. */
function mixed(series: Series, stream: RandomStream): Int32Array {
  const count = series.times.length
  const rare = stream.integer(RARE)
  if (rare === 0) return firstRows(0)
  if (rare === 1) return randomRows(count, Math.min(1, count), stream)
  switch (stream.integer(3)) {
    case 0:
      return firstRows(count)
    case 1:
      return randomRows(count, Math.min(count, 1 + stream.integer(Math.max(1, count))), stream)
    default:
      return rowsUpTo(series, stream.uniform())
  }
}

/** A random fraction of the rows, rounded down but, of a fraction above 0, at least one: the interpolation task. */
export function interpolationRows({ times: { length } }: Series, fraction: number, stream: RandomStream): Int32Array {
  const take = fraction === 0 ? 0 : Math.max(1, Math.floor(length * fraction))
  return randomRows(length, Math.min(take, length), stream)
}

/** Rows in the first part of the time span: the extrapolation task for a fraction of one half. */
export const rowsUpTo = ({ times }: Series, fraction: number): Int32Array => firstRows(shareOfSpan(fraction).count(times))

function randomRows(count: number, take: number, stream: RandomStream): Int32Array {
  const order = firstRows(count)
  // A shuffle (Fisher and Yates) as far as it settles which are the first `take`.
  for (let i = count - 1; i >= take; i--) {
    const j = stream.integer(i + 1)
    const moved = order[i]!
    order[i] = order[j]!
    order[j] = moved
  }
  return order.subarray(0, take).sort()
}
