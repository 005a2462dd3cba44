import { isStandardOutput } from '../../data/destination.js'
import { kindByName } from '../../data/fileKind.js'
import { filledFrame, filledLines, filledTable, type FilledTable, type Filling } from '../../data/filledTable.js'
import type { TableWithGaps } from '../../data/gaps.js'
import type { TimeAxis } from '../../data/series.js'
import { framesToFile } from '../../data/writeFrames.js'
import { UserError } from '../../errors.js'
import { outsideWarnings } from '../../report/outside.js'
import { eachForecast, pastAllNumbers } from '../../train/eachForecast.js'
import { gapQueries, type GapQuery } from '../../train/fill.js'
import { rounded } from '../../train/forecastRows.js'
import type { FittedModel } from '../../train/modelFile.js'
import { noForecast } from '../../train/predictions.js'
import { outsideTrained } from '../../train/trainedRange.js'
import type { Context, Outcome } from '../command.js'
import type { PredictOptions } from '../commands/predict.js'
import { checkWritable, refuseTwoOutputs, stemOf, writeOutput } from '../files/files.js'
import { readModelAndTable } from '../files/readData.js'
import { withEngine } from '../options/engineOption.js'
import { listenForInterrupt } from '../terminal/interrupt.js'
import { counted, formatCount } from '../terminal/layout.js'
import { askedFor } from './askedFor.js'
import { failureWarning, whileNot, type Failed } from './forecasting.js'
import { sumSolver } from './solverTotals.js'

/** Writes a table of data back with medians of what would be observed in its empty cells. */
export async function fillFile(options: PredictOptions, context: Context): Promise<Outcome> {
  const { model, data, samples, seed } = options
  askedFor(options, context)
  const ending = kindByName(data) === 'text' ? '.csv' : /\.[^.]+$/.exec(data)![0]
  const out = options.out ?? (context.json ? undefined : `${stemOf(data)}.filled${ending}`)
  refuseTwoOutputs(out, context)
  if (out !== undefined) await checkWritable(out, [model, data])
  const { fitted, read } = await readModelAndTable(options, options, context)
  const { set, whole } = read
  const asked = gapQueries(fitted, set, whole.gaps)
  const queries = asked.map(({ query }) => query)
  const outside = outsideTrained(fitted.scale, queries)
  const warnings = outsideWarnings(outside, fitted.scale, set.time, 'forecasts')
  warnings.forEach(context.warn)
  const notices = [...read.notices, ...told(whole, asked, data)]
  notices.slice(read.notices.length).forEach(context.note)
  const { fillings, failed } = asked.length === 0 ? { fillings: [], failed: [] } : await medians(asked, fitted, options, out, context)
  const lost = failureWarning(failed, asked.length, 'of its gaps filled')
  lost.forEach(context.warn)
  const filled = filledTable(whole, fillings)
  if (out !== undefined) await writeOutput(out, await pieces(out, whole, filled, set.time), context)
  const counts = fitted.channels.map((name) => [name, fillings.filter(({ channel }) => channel === name).length] as const)
  return {
    document: {
      model,
      data,
      time: set.time,
      channels: fitted.channels,
      filled: Object.fromEntries(counts),
      failed: failed.map(({ id }) => id),
      samples,
      seed,
      outside: { past: outside.past, before: outside.before },
      notices,
      warnings: [...warnings, ...lost],
      ...(out === undefined ? { rows: filled.rows.map((row) => objectOf(filled, row)) } : { out, rowCount: filled.rows.length }),
    },
    text:
      out === undefined || isStandardOutput(out)
        ? ''
        : `${out}: ${counted(filled.rows.length, 'row')}, ${counted(fillings.length, 'cell')} filled` +
          (fillings.length === 0
            ? ''
            : ` (${counts.map(([name, count]) => `${name} ${formatCount(count)}`).join(', ')}). The column ${filled.header.at(-1)} says which.`),
  }
}

/** What the user should know of what is filled. */
function told({ gaps }: TableWithGaps, asked: readonly GapQuery[], data: string): string[] {
  if (gaps.length === 0) return [`${data} has no empty cell in a channel of the model: the table is written as it is.`]
  const bare = asked.filter(({ query }) => query.rows?.length === 0).length
  return bare === 0
    ? []
    : [
        `${counted(bare, 'series', 'series')} without any observation: filled with what the model expects of a series of which nothing is known.`,
      ]
}

/** The median of each gap. @throws UserError `NoForecast` where there is none of any */
async function medians(
  asked: readonly GapQuery[],
  fitted: FittedModel,
  options: PredictOptions,
  out: string | undefined,
  context: Context,
): Promise<{ fillings: readonly Filling[]; failed: readonly Failed[] }> {
  const { samples, seed } = options
  const interrupt = listenForInterrupt(context, 'Stopping.')
  const solver = sumSolver()
  const failed: Failed[] = []
  const fillings: Filling[] = []
  try {
    await withEngine(options, context, async (engine) => {
      const { forecast } = await import('../../train/forecast.js')
      const queries = asked.map(({ query }) => query)
      let next = 0
      const inOrder = (function* () {
        for (const one of whileNot(interrupt.signal, forecast(engine, fitted, queries, { samples, seed, onBatch: solver.add }), out))
          yield { ...one, gaps: asked[next++]!.gaps }
      })()
      const made = eachForecast(
        inOrder,
        ({ times, distribution, gaps }) => {
          const at = new Map(Array.from(times, (time, i) => [time, i]))
          return gaps.map(({ time, channel, row, column }): Filling => {
            const value = rounded(distribution(at.get(time)!, channel).quantile(0.5))
            if (!Number.isFinite(value)) throw pastAllNumbers(fitted.channels[channel]!, time)
            return { row, column, channel: fitted.channels[channel]!, value }
          })
        },
        (id, error) => failed.push({ id, error }),
      )
      for (const some of made) fillings.push(...some)
    })
  } finally {
    interrupt.end()
  }
  solver.tell(context)
  if (fillings.length === 0) throw new UserError('NoForecast', noForecast(failed.length, 'fill', failed[0]?.error))
  return { fillings, failed }
}

async function pieces(out: string, whole: TableWithGaps, filled: FilledTable, axis: TimeAxis): Promise<Iterable<string | Uint8Array>> {
  if (kindByName(out) === 'text') return filledLines(filled, whole.written.delimiter)
  const frame = filledFrame(whole, filled, axis)
  return framesToFile(out, [frame], frame)
}

const objectOf = ({ header }: FilledTable, row: readonly string[]): Record<string, string> =>
  Object.fromEntries(header.map((name, c) => [name, row[c]!]))
