import { isStandardOutput } from '../../data/destination.js'
import { cellsOf, rowsOf, type Frame } from '../../data/frame.js'
import type { SeriesSet } from '../../data/series.js'
import { timeDetail } from '../../data/times/writeTimes.js'
import { lastWindows } from '../../data/windows.js'
import { framesToFile } from '../../data/writeFrames.js'
import type { Engine } from '../../engine/engine.js'
import { UserError } from '../../errors.js'
import { outsideWarnings } from '../../report/outside.js'
import { eachForecast } from '../../train/eachForecast.js'
import type { Forecast, Query } from '../../train/forecastTypes.js'
import type { FittedModel } from '../../train/modelFile.js'
import { describeForecast, frameOfPredictions, noForecast } from '../../train/predictions.js'
import { frameOfPaths, pathsOf } from '../../train/samplePaths.js'
import { outsideTrained } from '../../train/trainedRange.js'
import type { Context, Outcome } from '../command.js'
import type { PredictOptions } from '../commands/predict.js'
import { checkWritable, refuseTwoOutputs, stemOf, writeOutput } from '../files/files.js'
import { readModelAndData } from '../files/readData.js'
import { withEngine } from '../options/engineOption.js'
import { listenForInterrupt } from '../terminal/interrupt.js'
import { formatCount } from '../terminal/layout.js'
import { askedFor, queriesOf, type AskedFor } from './askedFor.js'
import { failureWarning, whileNot, type Failed } from './forecasting.js'
import { describePreview, keepFirst, type PreviewRow } from './forecastPreview.js'
import { commandLine, READING } from './nextCommand.js'
import { sumSolver } from './solverTotals.js'

/** Forecasts the series of a file and writes the table. */
export async function predictFile(options: PredictOptions, context: Context): Promise<Outcome> {
  const { model, data, atFile, seed } = options
  const asked = askedFor(options, context)
  const out = options.out ?? (context.json ? undefined : `${stemOf(data)}.${asked.paths === undefined ? 'forecast' : 'paths'}.csv`)
  refuseTwoOutputs(out, context)
  if (out !== undefined) await checkWritable(out, [model, data, ...(atFile === undefined ? [] : [atFile])])
  const { fitted, read } = await readModelAndData(options, options, context)
  const set = lastWindows(read.set, fitted.windows)
  const queries = await queriesOf(options, set, fitted, context)
  const outside = outsideTrained(fitted.scale, queries)
  const warnings = outsideWarnings(outside, fitted.scale, set.time, 'forecasts')
  warnings.forEach(context.warn)
  const interrupt = listenForInterrupt(context, 'Stopping.')
  const solver = sumSolver()
  const failed: Failed[] = []
  let written: Written
  try {
    written = await withEngine(options, context, async (engine: Engine) => {
      const { forecast } = await import('../../train/forecast.js')
      const forecasts = forecast(engine, fitted, queries, { samples: asked.samples, seed, onBatch: solver.add })
      const table = tableOf(asked, fitted, set, queries)
      const frames = eachForecast(whileNot(interrupt.signal, forecasts, out), table.frameOf, (id, error) => failed.push({ id, error }))
      const first = frames.next()
      if (first.done) throw new UserError('NoForecast', noForecast(failed.length, 'write', failed[0]?.error))
      return write(chained(first.value, frames), table.like, out, context)
    })
  } finally {
    interrupt.end()
  }
  solver.tell(context)
  const lost = failureWarning(failed, queries.length)
  lost.forEach(context.warn)
  const { rows, kept, preview } = written
  return {
    document: {
      model,
      data,
      time: set.time,
      channels: fitted.channels,
      series: queries.length - failed.length,
      failed: failed.map(({ id }) => id),
      samples: asked.samples,
      seed,
      outside: { past: outside.past, before: outside.before },
      notices: read.notices,
      warnings: [...warnings, ...lost],
      ...(out === undefined ? { rows: kept } : { out, rowCount: rows }),
    },
    text:
      out === undefined || isStandardOutput(out)
        ? ''
        : `${out}: ${formatCount(rows)} rows, ${formatCount(queries.length - failed.length)} series, ` +
          `${fitted.channels.join(', ')}${describePreview(preview, context.terminals.out.columns)}\n\nNext:\n  ` +
          `${commandLine('latent-ode report', [model, data], options, READING, context.given)}`,
  }
}

/** The table that is asked for: without rows, and with those of a forecast. */
function tableOf(
  { quantiles, paths }: AskedFor,
  fitted: FittedModel,
  { time }: SeriesSet,
  queries: readonly Query[],
): { readonly like: Frame; frameOf(forecast: Forecast): Frame } {
  const { channels } = fitted
  const detail = timeDetail(
    time,
    queries.map(({ times }) => times),
  )
  if (paths !== undefined) {
    const frame = (some: readonly ReturnType<typeof pathsOf>[]): Frame =>
      frameOfPaths({ channels, time, count: paths, paths: some }, detail)
    return { like: frame([]), frameOf: (forecast) => frame([pathsOf(forecast, channels, paths)]) }
  }
  return {
    like: frameOfPredictions([], time, detail, quantiles),
    frameOf: (forecast) => frameOfPredictions([describeForecast(fitted, forecast, quantiles)], time, detail, quantiles),
  }
}

/** What was written: rows in all, those of the first series, and all of them where they go into the document. */
interface Written {
  readonly rows: number
  readonly kept: readonly PreviewRow[]
  readonly preview: readonly PreviewRow[]
}

async function write(frames: Iterable<Frame>, like: Frame, out: string | undefined, context: Context): Promise<Written> {
  if (out === undefined) {
    const kept: PreviewRow[] = []
    for (const frame of frames) {
      kept.push(...rowsAsObjects(frame))
      // Lets the event loop see Ctrl-C.
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    return { rows: kept.length, kept, preview: [] }
  }
  let rows = 0
  let preview: readonly PreviewRow[] = []
  const counted = (function* () {
    for (const frame of keepFirst(frames, (first) => (preview = rowsAsObjects(first)))) {
      rows += rowsOf(frame)
      yield frame
    }
  })()
  await writeOutput(out, await framesToFile(out, counted, like), context)
  return { rows, kept: [], preview }
}

function* chained<T>(first: T, others: Iterable<T>): Generator<T> {
  yield first
  yield* others
}

/** The rows of a table as JSON has them. */
function rowsAsObjects(frame: Frame): PreviewRow[] {
  const cells = frame.map(({ name }, c) => [name, cellsOf(frame[c]!)] as const)
  return Array.from({ length: rowsOf(frame) }, (_, row) => Object.fromEntries(cells.map(([name, cell]) => [name, cell(row)])) as PreviewRow)
}
