import type { SeriesSet } from '../data/series.js'
import type { Engine } from '../engine/engine.js'
import { UserError } from '../errors.js'
import type { ModelKind } from '../model/modelKind.js'
import { models, usualModels, type ModelName } from '../model/models.js'
import { optionsFor, optionsOf, rankTask, tasks, type Task } from './compareModels.js'
import type { Ranking } from './contest.js'
import { fit, type FitEvents, type FitResult } from './fit.js'
import type { FitOptions } from './options.js'
import type { TaskScores } from './taskScores.js'
import { validationScores } from './validationScores.js'

/** What happens while models are fitted to choose among them. */
export interface ChoiceEvents extends FitEvents {
  /** Before a candidate is fitted, the `index`-th of `count`. */
  onCandidate?(candidate: { readonly model: ModelName; readonly index: number; readonly count: number }): void
}

/** How the candidates did on the validation series. */
export interface ModelChoice {
  readonly chosen: ModelName
  readonly interpolation?: Ranking<ModelName>
  readonly extrapolation?: Ranking<ModelName>
  /** Candidates that could not be fitted or scored, and those that an interruption left out. */
  readonly failures: readonly { readonly model: ModelName; readonly message: string }[]
}

/** What a fit gives, with what it was chosen by. */
export interface ChosenFit extends FitResult {
  readonly choice?: ModelChoice
}

/**
 * Fits the model that is named, or with `auto` the usual kinds, and keeps the one with the least negative log-likelihood on
 * the validation series, on average over filling gaps and looking ahead.
 *
 * @throws UserError `NoValidation` where no validation series has two rows to choose by; and as `fit`
 */
export async function fitModel(
  engine: Engine,
  set: SeriesSet,
  { model = 'latent-ode', ...options }: Partial<FitOptions>,
  { onCandidate, ...events }: ChoiceEvents = {},
): Promise<ChosenFit> {
  if (model !== 'auto') return fit(engine, set, { model, ...options }, events)
  const candidates = [...usualModels].sort((a, b) => Number(isEstimated(b)) - Number(isEstimated(a)))
  if (options.validFraction === 0) throw noValidation()
  // For its error, should an option mean something to none.
  optionsOf(candidates, options)
  const scored = new Map<ModelName, FitResult & { scores: Record<Task, TaskScores> }>()
  const failures: { model: ModelName; message: string; error?: UserError }[] = []
  for (const [index, name] of candidates.entries()) {
    if (events.signal?.aborted === true && [...scored.keys()].some((one) => !isEstimated(one))) {
      failures.push({ model: name, message: 'it was not fitted, since the choice was interrupted.' })
      continue
    }
    onCandidate?.({ model: name, index, count: candidates.length })
    try {
      const { signal: _, checkpoint: __, ...briefly } = events
      // An estimate takes no time, and cannot be gone on with.
      const result = await fit(engine, set, { ...optionsFor(name, options), model: name }, isEstimated(name) ? briefly : events)
      if (!result.finished) {
        if (![...scored.keys()].some((one) => !isEstimated(one))) return result
        failures.push({ model: name, message: 'it was interrupted.' })
        continue
      }
      scored.set(name, { ...result, scores: scoreValidation(engine, set, result) })
    } catch (error) {
      if (!(error instanceof UserError) || ['Option', 'TooShort', 'NoValidation'].includes(error.code)) throw error
      failures.push({ model: name, message: error.message, error })
      events.onNotice?.(`${name} is left out: ${error.message}`, 'warning')
    }
  }
  return choose(scored, failures)
}

/** Whether a kind is estimated in one go. */
export const isEstimated = (name: ModelName): boolean => (models[name] as ModelKind).estimated === true

const noValidation = (): UserError =>
  new UserError(
    'NoValidation',
    'The model auto is chosen by the validation series, and there is none with two rows. Name a model with --model, give more ' +
      'series, or a larger --valid-fraction.',
  )

function scoreValidation(engine: Engine, set: SeriesSet, result: FitResult): Record<Task, TaskScores> {
  const scores = validationScores(engine, set, result)
  if (scores === undefined) throw noValidation()
  if (tasks.some((task) => scores[task].series.length === 0))
    throw new UserError('NoForecast', 'none of the validation series could be forecast.')
  return scores
}

function choose(
  scored: ReadonlyMap<ModelName, FitResult & { readonly scores: Record<Task, TaskScores> }>,
  failures: readonly { readonly model: ModelName; readonly message: string; readonly error?: UserError }[],
): ChosenFit {
  const names = [...scored.keys()]
  if (names.length === 0) throw failures[0]!.error!
  const rankings = tasks.flatMap((task) => {
    const ranking = rankTask(names, [scored], task)
    return ranking === undefined ? [] : [[task, ranking] as const]
  })
  const chosen = leastNll(
    names,
    rankings.map(([, ranking]) => ranking),
  )
  const { scores: _, ...result } = scored.get(chosen)!
  return {
    ...result,
    choice: { chosen, ...Object.fromEntries(rankings), failures: failures.map(({ model, message }) => ({ model, message })) },
  }
}

/** The model with the least negative log-likelihood, on average over the tasks; where none can be compared, with the least error. */
export function leastNll<Name extends string>(names: readonly Name[], rankings: readonly Ranking<Name>[]): Name {
  const mean = (name: Name, of: 'mse' | 'nll'): number =>
    rankings.reduce((sum, { models: all }) => sum + all.find(({ model }) => model === name)![of], 0) / rankings.length
  const score = names.every((name) => Number.isNaN(mean(name, 'nll'))) ? 'mse' : 'nll'
  return names.reduce((best, name) => (mean(name, score) < mean(best, score) || Number.isNaN(mean(best, score)) ? name : best))
}
