import { outsideWarnings } from '../../report/outside.js'
import type { EvaluationResult } from '../../train/evaluate.js'
import type { FittedModel } from '../../train/modelFile.js'
import type { Evaluation, Scores } from '../../train/records.js'
import type { Context, Outcome } from '../command.js'
import type { EvaluateOptions } from '../commands/evaluate.js'
import { withEngine } from '../options/engineOption.js'
import { UsageError } from '../errors.js'
import { alignColumns, formatCount, formatNumber, formatPercent } from '../terminal/layout.js'
import { readModelAndData } from '../files/readData.js'
import { sumSolver } from './solverTotals.js'

/** Scores a model on a file, next to three baselines. */
export async function evaluateFile(options: EvaluateOptions, context: Context): Promise<Outcome> {
  const { model, data, task, scoring, all, samples, seed, observed } = options
  if (task === 'extrapolation' && observed !== undefined)
    throw new UsageError('Usage', '--observed goes with --task interpolation. Extrapolation shows the first half of each span of time.')
  const { fitted, read } = await readModelAndData(options, options, context)
  const { fingerprint } = await import('../../data/fingerprint.js')
  const mark = fingerprint(read.set)
  const solver = sumSolver()
  const result = await withEngine(options, context, async (running) => {
    const { evaluate } = await import('../../train/evaluate.js')
    return evaluate(running, fitted, read.set, mark, {
      task,
      scoring,
      all,
      samples,
      seed,
      onBatch: solver.add,
      ...(observed !== undefined && { observed }),
    })
  })
  solver.tell(context)
  const known = mark === fitted.fingerprint
  const which = whichSeries(result, known, data, fitted)
  const failed = failures(result)
  if (failed !== undefined) context.warn(failed)
  if (known && all) context.warn('These scores include series that the model was fitted to: they flatter it.')
  const { trainedOn } = result.evaluation
  if (!known && trainedOn > 0)
    context.warn(
      `${formatCount(trainedOn)} of these series bear the id of one that the model was trained on. If they are the same series, the ` +
        'scores flatter the model: score a file without them.',
    )
  const { past, before } = result.outside
  const outside = outsideWarnings(result.outside, fitted.scale, read.set.time, 'scores')
  outside.forEach(context.warn)
  const notices = [...read.notices, which, ...outside, ...(failed === undefined ? [] : [failed])]
  return {
    document: {
      ...result.evaluation,
      ...(task === 'interpolation' && { observed: observed ?? 0.5 }),
      failed: result.failed.count,
      outside: { past, before },
      fittedTo: known,
      model,
      data,
      samples,
      seed,
      notices,
    },
    text: describeEvaluation(result.evaluation, which, observed ?? 0.5, context.terminals.out.columns),
  }
}

function failures({ failed, evaluation }: EvaluationResult): string | undefined {
  if (failed.count === 0) return undefined
  return (
    `${formatCount(failed.count)} of ${formatCount(failed.count + evaluation.series)} series could not be forecast and ` +
    `${failed.count === 1 ? 'is' : 'are'} not scored. The first: ${failed.error?.message ?? ''}`
  )
}

/** Which series were scored, and why these. */
function whichSeries(
  { evaluation: { split, series, skipped } }: EvaluationResult,
  known: boolean,
  data: string,
  { split: { train, valid }, windows }: Pick<FittedModel, 'split' | 'windows'>,
): string {
  const used = train.length + valid.length
  const things = windows === undefined ? 'series' : 'windows'
  const short =
    skipped === 0
      ? ''
      : ` ${formatCount(skipped)} more ${skipped === 1 ? 'has' : 'have'} fewer than two rows and ${skipped === 1 ? 'is' : 'are'} left out.`
  if (split === 'test')
    return (
      `Scored on ${formatCount(series)} ${things} of ${data} that were kept for testing; the model was fitted with the other ` +
      `${formatCount(used)} (--all scores them too).${short}`
    )
  const all = series === 1 ? `the one ${windows === undefined ? 'series' : 'window'}` : `all ${formatCount(series)} ${things}`
  if (known) return `Scored on ${all} of ${data}, those that the model was fitted to among them (--all).${short}`
  return `Scored on ${all} of ${data}, which is not the file that the model was fitted to.${short}`
}

function describeEvaluation(evaluation: Evaluation, which: string, observed: number, width: number): string {
  const { task, scoring, points, channels } = evaluation
  const shown =
    task === 'interpolation'
      ? `a random ${formatNumber(100 * observed)} % of each series' rows`
      : "the first half of each series' span of time"
  const row = (name: string, scores: Scores): string[] => [
    name,
    formatCount(scores.points),
    formatNumber(scores.mse, 3),
    ...Object.values(scores.baselines).map(({ mse }) => formatNumber(mse, 3)),
    formatNumber(scores.nll, 3),
    formatPercent(scores.coverage['50']),
    formatPercent(scores.coverage['90']),
  ]
  if (scoring === 'published') return describePublished(evaluation, which, shown, width)
  const original = (name: string, { mseOriginal = NaN, baselines }: Scores): string[] => [
    name,
    formatNumber(mseOriginal),
    ...Object.values(baselines).map((baseline) => formatNumber(baseline.mseOriginal ?? NaN)),
  ]
  const names = ['mean', 'last', 'linear']
  return [
    `${task === 'interpolation' ? 'Interpolation' : 'Extrapolation'}: the model is shown ${shown}.`,
    which,
    `${formatCount(points)} values scored: those held out.`,
    '',
    'Mean squared error on the normalised scale, of the model and of three baselines; negative log-likelihood; share of values ' +
      'within the 50 % and 90 % intervals.',
    alignColumns(
      [
        ['', 'values', 'model', ...names, 'NLL', 'in 50 %', 'in 90 %'],
        row('all', evaluation),
        ...Object.entries(channels).map(([name, scores]) => row(name, scores)),
      ],
      width,
    ),
    '',
    "Mean squared error in the data's own units:",
    alignColumns([['', 'model', ...names], ...Object.entries(channels).map(([name, scores]) => original(name, scores))], width),
    '',
    'Baselines: mean of the channel; last value carried forward; linear interpolation.',
  ].join('\n')
}

/** Squared errors only, as the released code has no others, and without the names of what it has not. */
function describePublished(evaluation: Evaluation, which: string, shown: string, width: number): string {
  const { task, points, channels } = evaluation
  const errors =
    (of: 'mse' | 'mseOriginal') =>
    (name: string, scores: Scores): string[] => [
      name,
      ...(of === 'mse' ? [formatCount(scores.points)] : []),
      ...[scores, ...Object.values(scores.baselines)].map((one) => formatNumber(one[of] ?? NaN, of === 'mse' ? 3 : 4)),
    ]
  const rows = (of: 'mse' | 'mseOriginal'): string[][] => [
    errors(of)('all', evaluation),
    ...Object.entries(channels).map(([name, scores]) => errors(of)(name, scores)),
  ]
  const names = ['model', 'mean', 'last', 'linear']
  return [
    `${task === 'interpolation' ? 'Interpolation' : 'Extrapolation'}: the model is shown ${shown}.`,
    which,
    `${formatCount(points)} values scored: ` +
      `${task === 'interpolation' ? 'all, also those that the model was shown' : 'those that the model was not shown'}, as in the code ` +
      'released with Rubanova, Chen and Duvenaud (2019).',
    '',
    'Mean squared error on its scale, (x - min) / max of each channel of the file; of each sample of z0, averaged over the values of ' +
      'a channel of a series, then over channels and series (0 for a channel without a value):',
    alignColumns([['', 'values', ...names], ...rows('mse')], width),
    '',
    "The same in the data's own units, as for its data sets that it does not scale:",
    alignColumns([['', ...names], ...rows('mseOriginal')], width),
    '',
    'Baselines: mean of the channel; last value carried forward; linear interpolation.',
  ].join('\n')
}
