import { isStandardOutput, isStream } from '../../data/destination.js'
import type { SeriesSet } from '../../data/series.js'
import type { SimulationOptions } from '../../data/simulate/common.js'
import type { Context, Outcome } from '../command.js'
import type { SimulateOptions } from '../commands/simulate.js'
import { UsageError } from '../errors.js'
import { checkWritable, refuseTwoOutputs, writeOutput } from '../files/files.js'
import { formatCount } from '../terminal/layout.js'
import { shellWord } from '../../data/shellWord.js'

/** Rows that fit into memory. */
const MOST_ROWS = 20_000_000

/** Simulates a data set and writes it as CSV. */
export async function simulateFile(
  { kind, out = `${kind}.csv`, series, points, span, noise, ...rest }: SimulateOptions,
  context: Context,
): Promise<Outcome> {
  refuseTwoOutputs(out, context)
  // Of what is not given there are at least so many.
  const least = (series ?? 100) * (points ?? 40)
  if (least > MOST_ROWS)
    throw new UsageError(
      'Usage',
      `These --series and --points make ${formatCount(least)} rows or more, where ${formatCount(MOST_ROWS)} are the most. Make fewer.`,
    )
  await checkWritable(out)
  const set = await simulateKind(kind, {
    ...rest,
    ...(series !== undefined && { count: series }),
    ...(points !== undefined && { points }),
    ...(span !== undefined && { span }),
    ...(noise !== undefined && { noise }),
  })
  const { frameOfSet } = await import('../../data/frame.js')
  const { framesToFile } = await import('../../data/writeFrames.js')
  const frame = frameOfSet(set)
  await writeOutput(out, await framesToFile(out, [frame], frame), context)
  const rows = set.series.reduce((sum, { times }) => sum + times.length, 0)
  return {
    document: { out, kind, series: set.series.length, rows, channels: set.channels, seed: rest.seed },
    text: isStandardOutput(out)
      ? ''
      : `${out}: ${formatCount(set.series.length)} series, ${formatCount(rows)} rows, ` +
        `${set.channels.join(', ')}${isStream(out) ? '' : `\nNext: latent-ode fit ${shellWord(out)}`}`,
  }
}

async function simulateKind(kind: SimulateOptions['kind'], options: SimulationOptions): Promise<SeriesSet> {
  switch (kind) {
    case 'periodic':
      return (await import('../../data/simulate/periodic.js')).simulatePeriodic(options)
    case 'spirals':
      return (await import('../../data/simulate/spirals.js')).simulateSpirals(options)
    case 'oscillators':
      return (await import('../../data/simulate/oscillators.js')).simulateOscillators(options)
    case 'lotka-volterra':
      return (await import('../../data/simulate/lotkaVolterra.js')).simulateLotkaVolterra(options)
  }
}
