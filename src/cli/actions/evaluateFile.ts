import { compare, sentencePart } from '../../report/headline.js'
import { inCell, lastValueInWords } from '../../report/lastValue.js'
import { outsideWarnings } from '../../report/outside.js'
import { baselinesOf, type PlainBaseline } from '../../train/baselines.js'
import { verdictOf } from '../../train/againstBaseline.js'
import type { EvaluationResult } from '../../train/evaluate.js'
import type { FittedModel } from '../../train/modelFile.js'
import { describeShown, HALF, type Protocol } from '../../train/protocol.js'
import type { Evaluation, Scores } from '../../train/records.js'
import type { Context, Outcome } from '../command.js'
import type { EvaluateOptions } from '../commands/evaluate.js'
import { withEngine } from '../options/engineOption.js'
import { UsageError } from '../errors.js'
import { alignColumns, formatCount, formatNumber, formatPercent } from '../terminal/layout.js'
import { readModelAndData } from '../files/readData.js'
import { sumSolver } from './solverTotals.js'

/** Scores a model on a file, next to plain baselines. */
export async function evaluateFile(options: EvaluateOptions, context: Context): Promise<Outcome> {
  const { model, data, task, scoring, all, samples, seed, shown, cut } = options
  if (task === 'extrapolation' && shown !== undefined)
    throw new UsageError('Usage', '--shown goes with --task interpolation. With --task extrapolation --cut says where the known part ends.')
  if (task === 'interpolation' && cut !== undefined)
    throw new UsageError('Usage', '--cut goes with --task extrapolation. With --task interpolation --shown says how much is shown.')
  const protocol: Protocol = { task, scoring, ...(shown !== undefined && { shown }), ...(cut !== undefined && { cut }) }
  const { fitted, read } = await readModelAndData(options, options, context)
  const { fingerprint } = await import('../../data/fingerprint.js')
  const mark = fingerprint(read.set)
  const solver = sumSolver()
  const result = await withEngine(options, context, async (running) => {
    const { evaluate } = await import('../../train/evaluate.js')
    return evaluate(running, fitted, read.set, mark, {
      ...protocol,
      all,
      samples,
      seed,
      onBatch: solver.add,
    })
  })
  solver.tell(context)
  const known = mark === fitted.fingerprint
  const which = whichSeries(result, known, data, fitted, cut !== undefined)
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
      ...(task === 'interpolation' ? { shown: shown ?? HALF } : { cut: cut ?? HALF }),
      failed: result.failed.count,
      outside: { past, before },
      fittedTo: known,
      model,
      data,
      samples,
      seed,
      notices,
    },
    text: describeEvaluation(result.evaluation, which, describeShown(protocol, fitted.time), context.terminals.out.columns),
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
  cut: boolean,
): string {
  const used = train.length + valid.length
  const things = windows === undefined ? 'series' : 'windows'
  const short =
    skipped === 0
      ? ''
      : ` ${formatCount(skipped)} more ${skipped === 1 ? 'has' : 'have'} ${cut ? 'no row after the cut' : 'fewer than two rows'} and ${skipped === 1 ? 'is' : 'are'} left out.`
  if (split === 'test')
    return (
      `Scored on ${formatCount(series)} ${things} of ${data} that were kept for testing; the model was fitted with the other ` +
      `${formatCount(used)} (--all scores them too).${short}`
    )
  const all = series === 1 ? `the one ${windows === undefined ? 'series' : 'window'}` : `all ${formatCount(series)} ${things}`
  if (known) return `Scored on ${all} of ${data}, those that the model was fitted to among them (--all).${short}`
  return `Scored on ${all} of ${data}, which is not the file that the model was fitted to.${short}`
}

function describeEvaluation(evaluation: Evaluation, which: string, shown: string, width: number): string {
  const { task, scoring, points, channels } = evaluation
  if (scoring === 'published') return describePublished(evaluation, which, shown, width)
  const shownBaselines = baselinesOf(task).toReversed()
  const row = (name: string, scores: Scores): string[] => [
    name,
    formatCount(scores.points),
    ...markBest(scores, shownBaselines),
    inCell(scores),
    formatNumber(scores.nll, 3),
    formatPercent(scores.coverage['50']),
    formatPercent(scores.coverage['90']),
  ]
  const original = (name: string, { mseOriginal = NaN, baselines }: Scores): string[] => [
    name,
    formatNumber(mseOriginal),
    ...shownBaselines.map((baseline) => formatNumber(baselines[baseline]?.mseOriginal ?? NaN)),
  ]
  const names = shownBaselines.map((name) => columns[name])
  const rows = [row('all', evaluation), ...Object.entries(channels).map(([name, scores]) => row(name, scores))]
  const marked = rows.some((cells) => cells.some((cell) => cell.endsWith('*')))
  return [
    `${task === 'interpolation' ? 'Interpolation' : 'Extrapolation'}: the model is shown ${shown}.`,
    which,
    `${formatCount(points)} values scored: those held out.`,
    ...against(evaluation),
    ...plainWords(lastValueInWords(evaluation)),
    '',
    'Mean squared error on the normalised scale, of the model and of plain baselines; negative log-likelihood; share of values ' +
      `within the 50 % and 90 % intervals.${marked ? ' The star marks what is best by more than chance explains.' : ''}`,
    alignColumns(
      [['', 'values', ...['model', ...names].map((name) => `${name} `), 'beats last', 'NLL', 'in 50 %', 'in 90 %'], ...rows],
      width,
    ),
    '',
    "Mean squared error in the data's own units:",
    alignColumns([['', 'model', ...names], ...Object.entries(channels).map(([name, scores]) => original(name, scores))], width),
    '',
    describeBaselines(task),
  ].join('\n')
}

/** What the baselines are called in a column. */
const columns: Readonly<Record<PlainBaseline, string>> = { mean: 'mean', locf: 'last', linear: 'linear' }

const describeBaselines = (task: Evaluation['task']): string =>
  task === 'interpolation'
    ? 'Baselines: mean of the channel; last value carried forward; linear interpolation.'
    : 'Baselines: mean of the channel; last value shown, which is what linear interpolation comes to where nothing follows.'

/** The model's error against that of the best baseline, with how sure that is. */
function against(scores: Scores): string[] {
  const compared = compare({ scores })
  return plainWords(compared && `The model's error ${sentencePart(compared)}.`)
}

/** A sentence of a report in a terminal's characters. */
const plainWords = (sentence: string | undefined): string[] =>
  sentence === undefined ? [] : [sentence.replaceAll('\u202f', ' ').replaceAll('’', "'")]

/** Errors of the model and the baselines; a star at the best of them, if that is more than chance. */
function markBest({ mse, baselines, against: found }: Scores, shown: readonly PlainBaseline[]): string[] {
  const verdict = found === undefined ? 'unclear' : verdictOf(found)
  const best = verdict === 'better' ? 'model' : verdict === 'worse' ? found!.baseline : undefined
  return (['model', ...shown] as const).map((name) => {
    const error = name === 'model' ? mse : (baselines[name]?.mse ?? NaN)
    return `${formatNumber(error, 3)}${name === best ? '*' : ' '}`
  })
}

/** Squared errors only, as the released code has no others, and without the names of what it has not. */
function describePublished(evaluation: Evaluation, which: string, shown: string, width: number): string {
  const { task, points, channels } = evaluation
  const baselines = baselinesOf(task).toReversed()
  const errors =
    (of: 'mse' | 'mseOriginal') =>
    (name: string, scores: Scores): string[] => [
      name,
      ...(of === 'mse' ? [formatCount(scores.points)] : []),
      ...[scores, ...baselines.map((name) => scores.baselines[name])].map((one) => formatNumber(one?.[of] ?? NaN, of === 'mse' ? 3 : 4)),
    ]
  const rows = (of: 'mse' | 'mseOriginal'): string[][] => [
    errors(of)('all', evaluation),
    ...Object.entries(channels).map(([name, scores]) => errors(of)(name, scores)),
  ]
  const names = ['model', ...baselines.map((name) => columns[name])]
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
    describeBaselines(task),
  ].join('\n')
}
