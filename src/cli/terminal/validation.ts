import { shellWord } from '../../data/shellWord.js'
import { baselineNames } from '../../report/headline.js'
import { rankings } from '../../report/models/contents.js'
import { formatAgainst } from '../../report/models/words.js'
import type { ModelName } from '../../model/models.js'
import { verdictOf } from '../../train/againstBaseline.js'
import type { ModelChoice } from '../../train/chooseModel.js'
import type { OnValidation, ValidationScores } from '../../train/onValidation.js'
import { alignColumns, counted, formatNumber } from './layout.js'

/** How a model does on its validation series, as names and what they stand for. */
export function validationPairs(validation: OnValidation | undefined): [name: string, value: string][] {
  if (validation === undefined) return []
  const { series, interpolation, extrapolation } = validation
  return [
    ...(interpolation
      ? ([['Filling gaps', `${scoresInWords(interpolation)}, on ${counted(series, 'validation series', 'validation series')}`]] as const)
      : []),
    ...(extrapolation ? ([['Looking ahead', scoresInWords(extrapolation)]] as const) : []),
  ].map(([name, value]) => [name, value])
}

/** `error 0.48, 12 % below linear interpolation`. */
function scoresInWords({ mse, against }: ValidationScores): string {
  const { baseline, change, low, high } = against
  const error = `error ${formatNumber(mse, 3)}`
  if (!Number.isFinite(change)) return error
  const amount = `${formatNumber(100 * Math.abs(change), 2)} % ${change < 0 ? 'below' : 'above'} ${baselineNames[baseline]}`
  const sure = !Number.isFinite(low + high)
    ? ' (too few series for an interval)'
    : verdictOf(against) === 'unclear'
      ? ', no clear difference'
      : ''
  return `${error}, ${amount}${sure}`
}

/** That another model would serve better, and how to fit it. */
export function betterModel(validation: OnValidation | undefined, own: ModelName, data: string): string[] {
  if (validation?.better === undefined) return []
  const { model, nll } = validation.better
  const said = [
    ...(nll.interpolation
      ? [`${formatNumber(nll.interpolation.other, 3)} against ${formatNumber(nll.interpolation.own, 3)} filling gaps`]
      : []),
    ...(nll.extrapolation
      ? [`${formatNumber(nll.extrapolation.other, 3)} against ${formatNumber(nll.extrapolation.own, 3)} looking ahead`]
      : []),
  ]
  return [
    '',
    `On the validation series ${model} does better than ${own}, by more than chance explains: its negative log-likelihood is ${said.join(', and ')}. To fit that:`,
    `  latent-ode fit ${shellWord(data)} --model ${model}`,
  ]
}

/** The candidates that a model was chosen from, by what it was chosen. */
export function describeChoice({ chosen, failures, ...ranked }: ModelChoice, width: number): string[] {
  const tasks = rankings(ranked)
  const names = tasks[0]!.ranking.models.map(({ model }) => model)
  const cells = (model: ModelName): string[] =>
    tasks.flatMap(({ ranking }) => {
      const one = ranking.models.find((other) => other.model === model)!
      return [formatNumber(one.mse, 3), formatNumber(one.nll, 3), formatAgainst(ranking, one, 'nll').replaceAll('\u202f', ' ')]
    })
  return [
    `Chosen: ${chosen}, for the least negative log-likelihood on ${counted(tasks[0]!.ranking.series, 'validation series', 'validation series')}, on average over the tasks.`,
    alignColumns(
      [['', ...tasks.flatMap(({ title }) => [`${title}: MSE`, 'NLL', 'from the best'])], ...names.map((model) => [model, ...cells(model)])],
      width,
    ),
    ...failures.map(({ model, message }) => `${model} is left out: ${message}`),
  ]
}
