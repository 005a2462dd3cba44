import type { ColumnTable } from 'arquero'
import { table } from 'arquero'
import { cellsOf, frameOfSet, millisecondsIn, timeColumn, type Frame, type FrameColumn } from '../data/frame.js'
import type { SeriesSet, TimeAxis } from '../data/series.js'
import { writeFileAtomically } from '../data/write.js'
import { framesToFile } from '../data/writeFrames.js'
import { UserError } from '../errors.js'
import type { EvaluationResult } from './evaluate.js'
import { frameOfPredictions, type Predictions } from './predictions.js'
import type { ScoredPoint } from './records.js'
import { frameOfPaths, type SamplePathSet } from './samplePaths.js'

/**
 * What can be made a table: a data set (a row for each series and time), predictions (a row for each series, time and
 * channel), their sample paths (and for each path), the points of an evaluation.
 */
export type Tabular = SeriesSet | Omit<Predictions, 'paths'> | SamplePathSet | EvaluationResult | readonly ScoredPoint[]

/** How a table is written. */
export interface TableOutOptions {
  /** How times of scored points are to be read, which do not say so themselves: `set.time`. Default: plain numbers. */
  readonly time?: TimeAxis
}

/** An arquero table; dates are Dates, lengths of time numbers in the unit of the axis, missing values null. */
export const toTable = (data: Tabular, options: TableOutOptions = {}): ColumnTable =>
  table(
    columnsOf(
      frameOf(data, options),
      (column) => {
        const at = millisecondsIn(column)
        return (row) => new Date(at(row))
      },
      null,
    ),
  )

/** What is asked of danfojs or danfojs-node: `import * as danfo from 'danfojs-node'`. */
export interface Danfo<DataFrame> {
  readonly DataFrame: new (columns: Record<string, unknown[]>) => DataFrame
}

/** A DataFrame of the danfojs that is given; dates are texts as the data have them, as danfojs has no dates, missing values NaN. */
export function toDanfo<DataFrame>(data: Tabular, danfo: Danfo<DataFrame>, options: TableOutOptions = {}): DataFrame {
  return new danfo.DataFrame(Object.fromEntries(columnsOf(frameOf(data, options), cellsOf, NaN)))
}

/**
 * Writes a file of the kind that its name asks for: `.parquet` or `.pq`, `.arrow` or `.feather`, else CSV; whole or not at all.
 *
 * @throws UserError as `writeModel` does
 */
export async function writeTable(path: string, data: Tabular, options: TableOutOptions = {}): Promise<void> {
  const frame = frameOf(data, options)
  await writeFileAtomically(path, await framesToFile(path, [frame], frame))
}

function frameOf(data: Tabular, { time = { kind: 'number' } }: TableOutOptions): Frame {
  if (isList(data)) return frameOfPoints(data, time)
  if ('points' in data) return frameOfPoints(data.points, time)
  if ('observed' in data) return frameOfPredictions(data.series, data.time, undefined, data.quantiles)
  if ('paths' in data) return frameOfPaths(data)
  if ('channels' in data && 'idColumn' in data) return frameOfSet(data)
  throw new UserError(
    'NotTabular',
    'This is no data set, no predictions and no evaluation, so there is no table of it. Give what readSeries (its set), predict or ' +
      'evaluate gave.',
  )
}

const isList = (data: Tabular): data is readonly ScoredPoint[] => Array.isArray(data)

/** One row for each scored value. */
function frameOfPoints(points: readonly ScoredPoint[], axis: TimeAxis): Frame {
  const numbers = (name: string, of: (point: ScoredPoint) => number): FrameColumn => ({
    name,
    kind: 'number',
    values: Float64Array.from(points, of),
  })
  return [
    { name: 'id', kind: 'text', values: points.map(({ series }) => series) },
    timeColumn(
      'time',
      axis,
      Float64Array.from(points, ({ time }) => time),
    ),
    { name: 'channel', kind: 'text', values: points.map(({ channel }) => channel) },
    numbers('observed', (p) => p.observed),
    numbers('mean', (p) => p.mean),
    numbers('sd', (p) => p.sd),
    numbers('normalisedObserved', (p) => p.normalisedObserved),
    numbers('normalisedMean', (p) => p.normalisedMean),
    numbers('logDensity', (p) => p.originalLogDensity),
    numbers('normalisedLogDensity', (p) => p.logDensity),
    numbers('pit', (p) => p.pit),
    numbers('gap', (p) => (p.gap < 0 ? NaN : p.gap)),
    numbers('baselineMean', (p) => p.originalBaselines.mean),
    numbers('baselineLast', (p) => p.originalBaselines.locf),
    numbers('baselineLinear', (p) => p.originalBaselines.linear),
  ]
}

type DateColumn = Extract<FrameColumn, { kind: 'day' | 'instant' }>

function columnsOf(frame: Frame, datesOf: (column: DateColumn) => (row: number) => unknown, missing: null | number): [string, unknown[]][] {
  return frame.map((column): [string, unknown[]] => {
    if (column.kind === 'text') return [column.name, [...column.values]]
    if (column.kind === 'number' || column.kind === 'duration')
      return [column.name, Array.from(column.values, (value) => (Number.isNaN(value) ? missing : value))]
    const dateOf = datesOf(column)
    return [column.name, Array.from(column.values, (_, row) => dateOf(row))]
  })
}
