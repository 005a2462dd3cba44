import type { SeriesSet } from '../data/series.js'
import { onAxis } from '../data/times/onAxis.js'
import { UserError } from '../errors.js'
import { readCheckpoint, readFinished, type Checkpoint } from '../train/checkpoint.js'
import { fitModel } from '../train/chooseModel.js'
import { resumeFit, type FitResult } from '../train/fit.js'
import type { Changeable } from '../train/trainingOptions.js'
import { updateFit } from '../train/updateFit.js'
import { engineOf } from './engines.js'
import type { FitSettings } from './fitSettings.js'
import { Model } from './model.js'
import { eventsOf, type FitRun } from './runFit.js'

/** Everything about a fit; each option has a default. */
export interface FitOptions extends FitSettings, FitRun {
  /** A checkpoint to go on with, to the same bits as if the fit had not stopped. Only `epochs`, `budget` and `patience` may change then. */
  readonly resume?: string
  /**
   * A finished model to go on from, or its file: on the same data, or on data that have changed. What the model is stays (weights
   * to begin with, kind and sizes, channels, normalisation, scale of time), and series that it knows stay in their part.
   */
  readonly from?: Model | string
}

/**
 * Fits a model: splits the series, normalises, trains with early stopping, and keeps the weights that did best on the validation
 * series. The data are left as they are.
 *
 *     const model = await fit(visits, { epochs: 50 })
 *
 * @param data what `read`, `fromTable` or a simulator gave
 * @param options what is fitted and how; the shortest call works
 * @throws UserError `Option` for an option that is none, `TooShort` if no series has two rows, `NoTrainingValues`,
 *   `NoLogarithm` for channels that cannot be normalised; `SolverFailed`, `Diverged` or `NothingLearned` if training does not
 *   come to a model. With `resume`: `NoCheckpoint`, `ResumeOption`. With `from`: `FromOption`, `Unfinished`, `NothingToTrain`.
 *   DataError `NoChannel` for data without a channel of the model
 */
export async function fit(data: SeriesSet, options: FitOptions = {}): Promise<Model> {
  const { engine, dtype, threads, checkpoint, signal, onStep, onEpoch, onMember, onNotice, resume, from, ...settings } = options
  if (resume !== undefined && from !== undefined)
    throw new UserError(
      'Option',
      'The option "resume" goes on with a fit that was interrupted, "from" from a finished model. Leave one of them out.',
    )
  const { events, notices } = eventsOf({ threads, checkpoint, signal, onStep, onEpoch, onMember, onNotice })
  const running = await engineOf({ engine, dtype })
  const modelOf = ({ fitted, state }: FitResult, set: SeriesSet): Model => new Model(fitted, { data: set, state, notices })
  if (resume !== undefined) {
    const saved = await readCheckpoint(resume)
    const set = onAxis(data, saved.described.time)
    return modelOf(await resumeFit(running, set, saved, continuation(saved, settings), events), set)
  }
  if (from !== undefined) {
    const fitted = typeof from === 'string' ? await readFinished(from, 'fit(data, { resume: path }) goes on with that.') : from.fitted
    const set = onAxis(data, fitted.time)
    return modelOf(await updateFit(running, set, fitted, settings, events), set)
  }
  return modelOf(await fitModel(running, data, settings, events), data)
}

/** @throws UserError `ResumeOption` for an option that would make another fit than the one to go on with */
function continuation({ described }: Checkpoint, { epochs, budget, patience, ...settings }: FitSettings): Pick<FitSettings, Changeable> {
  const has: Readonly<Record<string, unknown>> = { model: described.kind, ...described.model, ...described.training }
  const changed = Object.entries(settings).find(([name, now]) => now !== undefined && JSON.stringify(now) !== JSON.stringify(has[name]))
  if (changed !== undefined)
    throw new UserError(
      'ResumeOption',
      `The option "${changed[0]}" is ${JSON.stringify(changed[1])}, but the fit to go on with ` +
        `${changed[0] in has ? `has ${JSON.stringify(has[changed[0]])}` : 'has settled it'}. Only epochs, budget and patience may change: leave it out.`,
    )
  return { ...(epochs !== undefined && { epochs }), ...(budget !== undefined && { budget }), ...(patience !== undefined && { patience }) }
}
