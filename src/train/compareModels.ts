import type { Engine } from '../engine/engine.js'
import { pickSeries } from '../data/batch.js'
import type { Series, SeriesSet } from '../data/series.js'
import { cutWindows } from '../data/windows.js'
import { UserError } from '../errors.js'
import { nearestName } from '../nearest.js'
import type { ModelKind } from '../model/modelKind.js'
import { modelNames, models, usualModels, type ModelName } from '../model/models.js'
import { onOneScale, pool, rank, type Ranking, type TotalsBySeries } from './contest.js'
import type { TrainingEvents } from './loop.js'
import { fit, type FitEvents } from './fit.js'
import type { FittedModel } from './modelFile.js'
import { fitOptions, preparationOptions, trainingOptions, type FitOptions } from './options.js'
import { taskScores, type TaskScores } from './taskScores.js'

/** What models are asked for: to fill gaps, to look ahead. */
export const tasks = ['interpolation', 'extrapolation'] as const
export type Task = (typeof tasks)[number]

/** Options of a comparison: those of a fit go to the models that have them. */
export interface CompareModelsOptions extends Partial<Omit<FitOptions, 'model'>> {
  /** Which models; default the usual ones: all but the filters other than ode-rnn. */
  readonly models?: readonly ModelName[]
  /** Number of splits and fits of each: with `seed`, and those that follow it. Default 1. */
  readonly seeds?: number
}

/** What happens during a comparison. */
export interface CompareEvents extends TrainingEvents, Pick<FitEvents, 'threads'> {
  /** Before each training of several that one model is made of, the `index`-th of `count`. */
  onMember?(member: { readonly index: number; readonly count: number }): void
  /** Before a model is fitted: the `index`-th fit of `count`. */
  onFit?(run: { readonly model: ModelName; readonly seed: number; readonly index: number; readonly count: number }): void
}

/** One fit of a comparison. */
export interface ComparedFit {
  readonly model: ModelName
  readonly seed: number
  /** Of fitting, and of scoring both tasks. */
  readonly seconds: number
  readonly scoringSeconds: number
}

/** Several models, fitted to the same parts of a data set and scored on the same values. */
export interface ModelComparison {
  readonly models: readonly ModelName[]
  readonly seeds: readonly number[]
  /** Absent where no value was scored. */
  readonly interpolation?: Ranking<ModelName>
  readonly extrapolation?: Ranking<ModelName>
  readonly fits: readonly ComparedFit[]
  /** Models that are in no table, since they could not be fitted or scored. */
  readonly failures: readonly { readonly model: ModelName; readonly seed: number; readonly message: string }[]
  /** False if the signal stopped it: of the seeds that were done then. */
  readonly finished: boolean
}

/**
 * Fits several models to the same training series and scores them on the same held-out values of the test series, filling gaps
 * and looking ahead. With several seeds the series are split anew for each; a series counts once in the intervals, however often
 * it was tested on.
 *
 * @throws UserError `Option` for a model that there is not, `NoTestSeries` where the split keeps no series of two rows for
 *   testing; the failure of the first model if none can be fitted; and as `fit`
 */
export async function compareModels(
  engine: Engine,
  set: SeriesSet,
  { models: wanted = usualModels, seeds: count = 1, seed = 1, ...options }: CompareModelsOptions = {},
  { onFit, ...events }: CompareEvents = {},
): Promise<ModelComparison> {
  const names = checkNames(wanted)
  const given = optionsOf(names, options)
  const seeds = Array.from({ length: count }, (_, i) => seed + i)
  const failures = new Map<ModelName, { seed: number; error: UserError }>()
  const fits: ComparedFit[] = []
  const splits: { seed: number; scored: ReadonlyMap<ModelName, Scored> }[] = []
  let finished = true
  splitting: for (const [round, one] of seeds.entries()) {
    const scored = new Map<ModelName, Scored>()
    for (const [i, model] of names.entries()) {
      if (failures.has(model)) continue
      onFit?.({ model, seed: one, index: round * names.length + i, count: count * names.length })
      try {
        const result = await fitAndScore(engine, set, { ...given.get(model), model, seed: one }, events)
        if (result === undefined) {
          finished = false
          break splitting
        }
        scored.set(model, result)
        fits.push({ model, seed: one, seconds: result.seconds, scoringSeconds: result.scoringSeconds })
      } catch (error) {
        // What is wrong with the options or the data is so for all models.
        if (!(error instanceof UserError) || ['Option', 'TooShort', 'NoTestSeries'].includes(error.code)) throw error
        failures.set(model, { seed: one, error })
        events.onNotice?.(`${model} is left out, seed ${one}: ${error.message}`, 'warning')
      }
    }
    splits.push({ seed: one, scored })
  }
  const left = names.filter((name) => !failures.has(name))
  if (left.length === 0) throw failures.get(names[0]!)!.error
  const ranked = (task: Task): Ranking<ModelName> | undefined =>
    rankTask(
      left,
      splits.map(({ scored }) => scored),
      task,
      seed,
    )
  const [interpolation, extrapolation] = splits.length === 0 ? [] : [ranked('interpolation'), ranked('extrapolation')]
  return {
    models: left,
    seeds: splits.map((split) => split.seed),
    ...(interpolation && { interpolation }),
    ...(extrapolation && { extrapolation }),
    fits: fits.filter((one) => left.includes(one.model)),
    failures: [...failures].map(([model, { seed: at, error }]) => ({ model, seed: at, message: error.message })),
    finished,
  }
}

interface Scored {
  readonly fitted: FittedModel
  readonly scores: Readonly<Record<Task, TaskScores>>
  readonly seconds: number
  readonly scoringSeconds: number
}

/** Undefined where the signal stopped it. */
async function fitAndScore(
  engine: Engine,
  set: SeriesSet,
  options: Partial<FitOptions>,
  events: Omit<CompareEvents, 'onFit'>,
): Promise<Scored | undefined> {
  const started = performance.now()
  const fitted = await fitUnlessStopped(engine, set, options, events)
  if (fitted === undefined) return undefined
  const done = performance.now()
  const series = partOf(set, fitted, 'test')
  if (!series.some(({ times }) => times.length >= 2))
    throw new UserError(
      'NoTestSeries',
      `Of the ${set.series.length} series none that has two rows is kept for testing, so there is nothing to compare models on. Give ` +
        'more series, or a larger --test-fraction.',
    )
  const scores = scoreTasks(engine, fitted, series)
  const lost = Math.max(...tasks.map((task) => scores[task].failed.length))
  if (tasks.some((task) => scores[task].series.length === 0))
    throw new UserError('NoForecast', `none of the ${lost} test series could be forecast.`)
  if (lost > 0)
    events.onNotice?.(
      `${fitted.kind} could not forecast ${lost} of the ${series.length} test series, so no model is scored on these.`,
      'warning',
    )
  return { fitted, scores, seconds: (done - started) / 1000, scoringSeconds: (performance.now() - done) / 1000 }
}

/** Fits a model; undefined where the signal stopped it, however the kind of model takes that. */
export async function fitUnlessStopped(
  engine: Engine,
  set: SeriesSet,
  options: Partial<FitOptions>,
  events: FitEvents,
): Promise<FittedModel | undefined> {
  try {
    const { fitted, finished } = await fit(engine, set, options, events)
    return finished ? fitted : undefined
  } catch (error) {
    if (events.signal?.aborted === true) return undefined
    throw error
  }
}

/** The series of a data set that a model kept for validation or for testing; windows of them where it was fitted to such. */
export const partOf = (set: SeriesSet, { split, windows }: FittedModel, part: 'valid' | 'test'): readonly Series[] =>
  pickSeries(cutWindows(set, windows), split[part]).series

/** Scores at both tasks. */
export const scoreTasks = (engine: Engine, fitted: FittedModel, series: readonly Series[], samples?: number): Record<Task, TaskScores> => {
  const score = (task: Task): TaskScores => taskScores(engine, fitted, series, { task, ...(samples !== undefined && { samples }) })
  return { interpolation: score('interpolation'), extrapolation: score('extrapolation') }
}

/** Models at a task over several splits; undefined where no value was scored. */
export function rankTask<Name extends string>(
  names: readonly Name[],
  splits: readonly ReadonlyMap<Name, Pick<Scored, 'fitted' | 'scores'>>[],
  task: Task,
  seed?: number,
): Ranking<Name> | undefined {
  const bySplit = splits.map((scored) =>
    onOneScale(
      names.map((name) => {
        const { fitted, scores } = scored.get(name)!
        return { normalisation: fitted.normalisation.channels, scores: scores[task] }
      }),
    ),
  )
  const contestants = names.map((model, i) => ({ model, totals: pool(bySplit.map((split): TotalsBySeries => split[i]!)) }))
  return [...contestants[0]!.totals.values()].some(({ values }) => values > 0) ? rank(contestants, seed) : undefined
}

function checkNames(names: readonly ModelName[]): readonly ModelName[] {
  const wrong = names.find((name) => !Object.hasOwn(models, name))
  if (wrong !== undefined) {
    const nearest = nearestName(wrong, modelNames)
    throw new UserError(
      'Option',
      `There is no model "${String(wrong)}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`} Models: ${modelNames.join(', ')}.`,
    )
  }
  if (names.length === 0) throw new UserError('Option', `There are no models to compare. Name some of ${modelNames.join(', ')}.`)
  return [...new Set(names)]
}

/**
 * The options that each model is fitted with: of those given the ones that mean something to it.
 *
 * @throws UserError `Option` for one that means something to none of them
 */
export function optionsOf(
  names: readonly ModelName[],
  given: Partial<Omit<FitOptions, 'model' | 'seed'>>,
): ReadonlyMap<ModelName, Partial<FitOptions>> {
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined || names.some((name) => takes(name, option))) continue
    const known = Object.hasOwn(fitOptions.shape, option)
    throw new UserError(
      'Option',
      known
        ? `The option "${option}" means nothing to ${names.length === 1 ? `the model ${names[0]!}` : `any of the models ${names.join(', ')}`}. Leave it out.`
        : `There is no option "${option}".${nearestName(option, Object.keys(fitOptions.shape)) === undefined ? '' : ` Did you mean "${nearestName(option, Object.keys(fitOptions.shape))!}"?`}`,
    )
  }
  return new Map(names.map((name) => [name, optionsFor(name, given)]))
}

/** Of the options of a fit, those that mean something to a kind of model. */
export const optionsFor = (name: ModelName, given: Partial<FitOptions>): Partial<FitOptions> =>
  Object.fromEntries(Object.entries(given).filter(([option, value]) => value !== undefined && takes(name, option)))

function takes(name: ModelName, option: string): boolean {
  const { options, fixed = {}, estimated }: ModelKind = models[name]
  if (Object.hasOwn(options.shape, option)) return true
  if (Object.hasOwn(trainingOptions.shape, option)) return option === 'seed' || (estimated !== true && !Object.hasOwn(fixed, option))
  return Object.hasOwn(preparationOptions.shape, option)
}
