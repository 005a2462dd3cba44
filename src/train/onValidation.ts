import type { SeriesSet } from '../data/series.js'
import type { Engine } from '../engine/engine.js'
import { UserError } from '../errors.js'
import { modelNames, type ModelName } from '../model/models.js'
import { againstBaselines } from './againstBaseline.js'
import { excludes } from './bootstrap.js'
import { sum } from './channelSums.js'
import { isEstimated, leastNll } from './chooseModel.js'
import { optionsFor, rankTask, tasks, type Task } from './compareModels.js'
import { fit, type FitResult } from './fit.js'
import type { FittedModel } from './modelFile.js'
import type { FitOptions } from './options.js'
import type { AgainstBaseline } from './records.js'
import type { TaskScores } from './taskScores.js'
import { observedValues } from './validation.js'
import { validationScores } from './validationScores.js'

/** How a model does on validation series, next to what is quickly had. */
export interface OnValidation {
  /** Number of series scored. */
  readonly series: number
  readonly interpolation?: ValidationScores
  readonly extrapolation?: ValidationScores
  /** A model that is estimated in one go and does better by more than chance explains. */
  readonly better?: {
    readonly model: ModelName
    readonly nll: Readonly<Partial<Record<Task, { readonly own: number; readonly other: number }>>>
  }
}

export interface ValidationScores {
  readonly mse: number
  readonly nll: number
  readonly against: AgainstBaseline
}

/** Series that are scored, and samples of each: enough for an interval, and quick. */
const MOST_SERIES = 100
const SAMPLES = 50
/** Observed values up to which other models are estimated on the side. */
const MOST_VALUES = 50_000

/**
 * Scores a model on its validation series at both tasks, next to the plain baselines and, of a set that is not large, to the
 * kinds of models that are estimated in one go. With folds each of their series validates, and the kinds that are estimated are judged by
 * those that validate without. Undefined where there is nothing to score.
 *
 * @param options that the model was fitted with; absent where its split is not one that they would give again: no other is fitted
 */
export async function onValidation(
  engine: Engine,
  set: SeriesSet,
  { fitted, ...result }: Pick<FitResult, 'fitted' | 'outOfFold'>,
  options?: Partial<FitOptions>,
): Promise<OnValidation | undefined> {
  const scores = validationScores(engine, set, { fitted, ...result }, { samples: SAMPLES, limit: MOST_SERIES })
  if (scores === undefined) return undefined
  const told = tasks.flatMap((task): [Task, ValidationScores][] => {
    const sums = scores[task].series.map(({ channels }) => channels)
    const values = sum(sums.flat(), 'values')
    if (values === 0) return []
    return [
      [
        task,
        {
          mse: sum(sums.flat(), 'squares') / values,
          nll: -sum(sums.flat(), 'logDensity') / values,
          against: againstBaselines(sums, fitted.channels.length, task).all,
        },
      ],
    ]
  })
  if (told.length === 0) return undefined
  const better =
    options && observedValues(set.series) <= MOST_VALUES ? await betterEstimate(engine, set, { fitted, scores }, options) : undefined
  return { series: scoredSeries(scores), ...Object.fromEntries(told), ...(better && { better }) }
}

/** Series of which something was to be forecast, those where that failed among them. */
const scoredSeries = (scores: Contender['scores']): number =>
  Math.max(...tasks.map((task) => scores[task].series.length + scores[task].failed.length))

interface Contender {
  readonly fitted: FittedModel
  readonly scores: Readonly<Record<Task, TaskScores>>
}

/** The kind with the best likelihood among those that are estimated in one go, if the model's is worse by more than chance. */
async function betterEstimate(
  engine: Engine,
  set: SeriesSet,
  own: Contender,
  options: Partial<FitOptions>,
): Promise<OnValidation['better']> {
  const contenders = new Map<ModelName, Contender>([[own.fitted.kind, own]])
  for (const model of modelNames.filter((name) => name !== own.fitted.kind && isEstimated(name))) {
    try {
      const { fitted } = await fit(engine, set, { ...optionsFor(model, options), model })
      const scores = validationScores(engine, set, { fitted }, { samples: SAMPLES, limit: MOST_SERIES })
      if (scores !== undefined) contenders.set(model, { fitted, scores })
    } catch (error) {
      // What cannot be estimated is no better.
      if (!(error instanceof UserError)) throw error
    }
  }
  const names = [...contenders.keys()]
  const ranked = (some: readonly ModelName[]) => tasks.flatMap((task) => rankTask(some, [contenders], task) ?? [])
  const best = leastNll(names, ranked(names))
  if (best === own.fitted.kind) return undefined
  const pairs = tasks.flatMap((task) => {
    const ranking = rankTask([own.fitted.kind, best], [contenders], task)
    return ranking === undefined ? [] : [{ task, ranking }]
  })
  const clearlyWorse = (name: ModelName): boolean =>
    pairs.some(({ ranking }) => excludes(ranking.models.find(({ model }) => model === name)!.nllAgainstBest, 0))
  if (!clearlyWorse(own.fitted.kind) || clearlyWorse(best)) return undefined
  const nll = pairs.map(({ task, ranking }) => [task, { own: ranking.models[0]!.nll, other: ranking.models[1]!.nll }] as const)
  return { model: best, nll: Object.fromEntries(nll) }
}
