import { UserError } from '../errors.js'
import { models } from '../model/models.js'
import type { ModelDescription } from './modelFile.js'
import { trainingOptions } from './options.js'

/** Training did not come to a model, by the data or the options: `NothingLearned`, `Diverged` or `SolverFailed`. */
export class TrainingFailure extends UserError {}

/** What became of the steps of a training of which nothing is left. */
export const nothingTaken = (steps: number): string =>
  steps === 1
    ? 'The one step of training was undone: its loss or gradient was not finite.'
    : `All ${steps} steps of training were undone: each time the loss or its gradient was not finite.`

/** The same failure, with what to change in the options that led to it. */
export const withRemedy = (failure: TrainingFailure, described: Pick<ModelDescription, 'kind' | 'model' | 'training'>): TrainingFailure =>
  new TrainingFailure(failure.code, `${failure.message} ${remedy(described)}`, { cause: failure.cause ?? failure })

/** Options of `fit` as they are typed: back to the default where the one set is in doubt, else what helps most often. */
function remedy({ kind, model, training }: Pick<ModelDescription, 'kind' | 'model' | 'training'>): string {
  const defaults = { ...models[kind].options.parse({}), ...trainingOptions.parse({}) } as Readonly<Record<string, unknown>>
  const set = { ...model, ...training } as Readonly<Record<string, unknown>>
  const over = (name: string, factor = 1): boolean => typeof set[name] === 'number' && set[name] > factor * (defaults[name] as number)
  const under = (name: string, factor = 1): boolean => typeof set[name] === 'number' && set[name] < factor * (defaults[name] as number)
  const doubts = (
    [
      [over('learningRate'), 'learning-rate', 'learningRate'],
      [typeof set['noise'] === 'number' && set['noise'] < 0.01, 'noise', 'noise'],
      [under('maxSteps'), 'max-steps', 'maxSteps'],
      [under('rtol'), 'rtol', 'rtol'],
      [under('atol'), 'atol', 'atol'],
      [typeof set['rate'] === 'number' && set['rate'] > 10, 'rate', 'rate'],
      [over('stepSize'), 'step-size', 'stepSize'],
      [typeof set['clip'] === 'number', 'clip', 'clip'],
      [typeof set['weightDecay'] === 'number' && set['weightDecay'] > 0.1, 'weight-decay', 'weightDecay'],
    ] as const
  ).filter(([doubtful]) => doubtful)
  if (doubts.length > 0) {
    const options = doubts.map(([, flag, name]) => `--${flag} ${String(defaults[name])}`).join(' ')
    return (
      `Try ${options} (${doubts.map(([, flag, name]) => `${doubts.length === 1 ? '' : `${flag} `}${String(set[name])}`).join(', ')} ` +
      'now).'
    )
  }
  const slower = `--learning-rate ${Number(((set['learningRate'] as number) / 10).toPrecision(3))}`
  return `Look for extreme values in the data (latent-ode inspect), and try ${slower}${'method' in model ? ' or --method rk4' : ''}.`
}
