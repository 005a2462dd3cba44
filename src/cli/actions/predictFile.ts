import { isStandardOutput, isStream } from '../../data/destination.js'
import { cellsOf, rowsOf, type Frame } from '../../data/frame.js'
import type { TimeAxis } from '../../data/series.js'
import { timeDetail, type TimeDetail } from '../../data/times/writeTimes.js'
import { lastWindows } from '../../data/windows.js'
import { framesToFile } from '../../data/writeFrames.js'
import { UserError } from '../../errors.js'
import { outsideWarnings } from '../../report/outside.js'
import { describeForecasts, frameOfPredictions, noForecast, type Prediction } from '../../train/predictions.js'
import { outsideTrained } from '../../train/trainedRange.js'
import type { Context, Outcome } from '../command.js'
import type { PredictOptions } from '../commands/predict.js'
import { withEngine } from '../options/engineOption.js'
import { Interrupted } from '../errors.js'
import { checkWritable, refuseTwoOutputs, stemOf, writeOutput } from '../files/files.js'
import { describePreview, keepFirst, type PreviewRow } from './forecastPreview.js'
import { listenForInterrupt } from '../terminal/interrupt.js'
import { formatCount } from '../terminal/layout.js'
import { commandLine, READING } from './nextCommand.js'
import { readModelAndData } from '../files/readData.js'
import { sumSolver } from './solverTotals.js'
import { timesToPredict } from './times.js'

/** A row of the table: the time as the data have it, a date where they have dates. */
type Row = PreviewRow & Readonly<Record<string, string | number>>

/** Forecasts every series of a file and writes the table. */
export async function predictFile(options: PredictOptions, context: Context): Promise<Outcome> {
  const { model, data, samples, seed, out = context.json ? undefined : `${stemOf(data)}.forecast.csv` } = options
  refuseTwoOutputs(out, context)
  if (out !== undefined) await checkWritable(out, [model, data])
  const { fitted, read } = await readModelAndData(options, options, context)
  const set = lastWindows(read.set, fitted.windows)
  const timesOf = timesToPredict(set.time, options, fitted.scale.span)
  const queries = set.series.map((series) => ({ series, times: timesOf(series) }))
  const outside = outsideTrained(fitted.scale, queries)
  const warnings = outsideWarnings(outside, fitted.scale, set.time, 'forecasts')
  warnings.forEach(context.warn)
  const interrupt = listenForInterrupt(context, 'Stopping.')
  const solver = sumSolver()
  const failed: Failed[] = []
  const kept: Row[] = []
  let preview: readonly Row[] = []
  let rows = 0
  try {
    await withEngine(options, context, async (running) => {
      const { forecast } = await import('../../train/forecast.js')
      const detail = timeDetail(
        set.time,
        queries.map(({ times }) => times),
      )
      const described = describeForecasts(
        fitted,
        whileNot(interrupt.signal, forecast(running, fitted, queries, { samples, seed, onBatch: solver.add }), out),
        (id, error) => failed.push({ id, error }),
      )
      const first = described.next()
      if (first.done) throw new UserError('NoForecast', noForecast(failed.length, 'write', failed[0]?.error))
      const predicted = predictFrames([[first.value], described], set.time, detail)
      if (out === undefined) {
        for (const frame of predicted) {
          kept.push(...rowsAsObjects(frame))
          // Lets the event loop see Ctrl-C.
          await new Promise<void>((resolve) => setImmediate(resolve))
        }
        rows = kept.length
      } else {
        await writeOutput(
          out,
          await framesToFile(
            out,
            counted(
              keepFirst(predicted, (frame) => (preview = rowsAsObjects(frame))),
              (count) => (rows += count),
            ),
            frameOfPredictions([], set.time, detail),
          ),
          context,
        )
      }
    })
  } finally {
    interrupt.end()
  }
  solver.tell(context)
  if (failed.length > 0) {
    warnings.push(
      `${formatCount(failed.length)} of ${formatCount(queries.length)} series could not be forecast and ${failed.length === 1 ? 'has' : 'have'} no rows: ${failed
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}${failed.length > 5 ? ', …' : ''}. The first: ${failed[0]!.error.message}`,
    )
    context.warn(warnings.at(-1)!)
  }
  return {
    document: {
      model,
      data,
      time: set.time,
      channels: fitted.channels,
      series: queries.length - failed.length,
      failed: failed.map(({ id }) => id),
      samples,
      seed,
      outside: { past: outside.past, before: outside.before },
      notices: read.notices,
      warnings,
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

/** A series without rows in the table, and why. */
interface Failed {
  readonly id: string
  readonly error: Error
}

function* whileNot<T>(signal: AbortSignal, items: Iterable<T>, out: string | undefined): Generator<T> {
  for (const item of items) {
    if (signal.aborted) throw new Interrupted(out === undefined || isStream(out) ? 'Interrupted.' : `Interrupted: ${out} was not written.`)
    yield item
  }
}

/** The table of series after series. */
function* predictFrames(parts: Iterable<Iterable<Prediction>>, axis: TimeAxis, detail: TimeDetail): Generator<Frame> {
  for (const part of parts) for (const prediction of part) yield frameOfPredictions([prediction], axis, detail)
}

/** The rows of a table as JSON has them. */
function rowsAsObjects(frame: Frame): Row[] {
  const cells = frame.map(({ name }, c) => [name, cellsOf(frame[c]!)] as const)
  return Array.from({ length: rowsOf(frame) }, (_, row) => Object.fromEntries(cells.map(([name, cell]) => [name, cell(row)])) as Row)
}

function* counted(frames: Iterable<Frame>, count: (rows: number) => void): Generator<Frame> {
  for (const frame of frames) {
    count(rowsOf(frame))
    yield frame
  }
}
