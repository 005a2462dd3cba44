import { UserError } from '../../errors.js'
import type { EvaluationResult } from '../../train/evaluate.js'
import type { FittedModel } from '../../train/modelFile.js'
import type { Both, ComparedTask } from './contents.js'
import { compareScores } from './score.js'

/** Two models at one task. */
export interface EvaluationComparison {
  readonly labels: Both<string>
  readonly task: 'interpolation' | 'extrapolation'
  readonly compared: ComparedTask
}

/**
 * Compares two evaluations of the same task, value by value: a difference that is small beside either error can be
 * certain, since both models meet the same easy and hard values. Errors are on the first model's scale.
 *
 * @param labels what the models are called
 * @throws UserError `NotComparable` where tasks or channels differ, or no value was scored under both
 */
export function compareEvaluations(
  models: Both<FittedModel>,
  evaluations: Both<EvaluationResult>,
  labels: Both<string> = ['first', 'second'],
): EvaluationComparison {
  const [task, other] = [evaluations[0].evaluation.task, evaluations[1].evaluation.task]
  if (task !== other)
    throw new UserError(
      'NotComparable',
      `The first evaluation is one of ${task}, the second of ${other}. Evaluate both models at the same task.`,
    )
  const [first, second] = [models[0].channels, models[1].channels]
  if (first.some((channel) => !second.includes(channel)))
    throw new UserError(
      'NotComparable',
      `The first model is one of ${first.join(', ')}, the second of ${second.join(', ')}. Fit both to the same channels.`,
    )
  const compared = compareScores(
    [evaluations[0].points, evaluations[1].points],
    [models[0].normalisation.channels, models[1].normalisation.channels],
    { task, conditioning: '' },
  )
  if (compared === undefined)
    throw new UserError(
      'NotComparable',
      'No value was scored under both models. Fit both to the same data with the same seed, and evaluate both with the same task, ' +
        'seed and options.',
    )
  return { labels, task, compared }
}
