import type { SeriesSet } from '../../data/series.js'
import { defaultQuantiles, checkQuantiles } from '../../train/forecastRows.js'
import type { FittedModel } from '../../train/modelFile.js'
import type { Query } from '../../train/forecastTypes.js'
import type { Context, Teller } from '../command.js'
import type { PredictOptions } from '../commands/predict.js'
import { UsageError } from '../errors.js'
import { timesToPredict } from './times.js'

/** What is asked of a forecast: its quantiles or paths, from how many samples. */
export interface AskedFor {
  readonly quantiles: readonly number[]
  readonly paths: number | undefined
  readonly samples: number
}

/**
 * What the options ask for, once those that contradict each other are refused.
 *
 * @throws UsageError, UserError `BadProbability`
 */
export function askedFor(options: PredictOptions, { given }: Pick<Context, 'given'>): AskedFor {
  const { quantiles, paths, samples } = options
  refuseTogether(options, given)
  return {
    quantiles: quantiles === undefined ? defaultQuantiles : checkQuantiles(quantiles, '--quantiles holds'),
    paths,
    samples: paths ?? samples,
  }
}

function refuseTogether({ at, atFile, fill, quantiles, paths, horizon, step }: PredictOptions, given: ReadonlySet<string>): void {
  const when = { '--at': at, '--horizon': horizon, '--step': step }
  if (fill) {
    const other = Object.entries({ ...when, '--at-file': atFile, '--quantiles': quantiles, '--paths': paths }).find(
      ([, value]) => value !== undefined,
    )
    if (other !== undefined)
      throw new UsageError('Usage', `--fill writes medians at the times of the data's empty cells. Leave out ${other[0]}, or --fill.`)
    return
  }
  if (paths !== undefined && quantiles !== undefined)
    throw new UsageError('Usage', '--paths writes courses, which have no quantiles. Leave out --quantiles, or call predict twice.')
  if (paths !== undefined && given.has('samples'))
    throw new UsageError('Usage', '--paths says how many samples are drawn, one for each path. Leave out --samples.')
  if (atFile === undefined) return
  const other = Object.entries(when).find(([, value]) => value !== undefined)
  if (other !== undefined) throw new UsageError('Usage', `--at-file and ${other[0]} both say when to predict. Leave one of them out.`)
}

/** The series to predict, and when. */
export async function queriesOf(
  options: PredictOptions,
  set: SeriesSet,
  fitted: FittedModel,
  { note, timed }: Teller,
): Promise<readonly Query[]> {
  if (options.atFile === undefined) {
    const timesOf = timesToPredict(set.time, options, fitted.scale.span)
    return set.series.map((series) => ({ series, times: timesOf(series) }))
  }
  const { atFile, dateFormat, timeZone, missing } = options
  const { times, notices } = await timed('reading times', async () => {
    const { readWantedTimes } = await import('../../data/wantedTimes.js')
    return readWantedTimes(atFile, set, {
      ...(dateFormat !== undefined && { dateFormat }),
      ...(timeZone !== undefined && { timeZone }),
      ...(missing !== undefined && { missing }),
    })
  })
  notices.forEach(note)
  return set.series.flatMap((series) => {
    const wanted = times.get(series.id)
    return wanted === undefined ? [] : [{ series, times: wanted }]
  })
}
