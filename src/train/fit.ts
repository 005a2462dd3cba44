import type { Engine } from '../engine/engine.js'
import { characteristicTime, medianStep } from '../data/characteristicTime.js'
import { fingerprint } from '../data/fingerprint.js'
import { pickSeries } from '../data/batch.js'
import { fitNormalisation, normaliseSeries, type Normalisation } from '../data/normalise.js'
import { plural } from '../data/place.js'
import type { Series, SeriesSet, Windows } from '../data/series.js'
import { sharesClock } from '../data/sharedClock.js'
import { outlyingSpans, withinScale } from '../data/spans.js'
import { splitSeries, type Split } from '../data/split.js'
import { chooseWindows, cutWindows, splitWindows } from '../data/windows.js'
import { UserError } from '../errors.js'
import { createModel } from '../model/createModel.js'
import type { OriginName } from '../model/latentOdeConfig.js'
import { unfitParts, unusedOption } from '../model/latentOdeOptions.js'
import type { ModelKind } from '../model/modelKind.js'
import { correlatable, heavyTailed, likelihoodOf, supportsOf } from '../model/likelihoodOption.js'
import { isTrained, models, tooLarge } from '../model/models.js'
import { residualOf } from '../model/residualOption.js'
import { sized } from '../model/sizes.js'
import { version } from '../version.js'
import { channelWeights, countByChannel, describeWeights } from './balance.js'
import { estimate, HOST } from './estimate.js'
import { readCheckpoint, type Checkpoint } from './checkpoint.js'
import { withChannels } from './forecast.js'
import { requireSupport, withLikelihoods } from './likelihoodChoice.js'
import { engineName } from './engineName.js'
import { chooseFolds } from './folds.js'
import { startTraining, type TrainingData } from './loop.js'
import { setupOf, type ModelDescription } from './modelFile.js'
import { chooseOptions, type ChosenOptions, type FitOptions } from './options.js'
import { runFit, type FitEvents, type FitResult, type TrainedFit } from './runFit.js'
import type { TrainingState } from './state.js'
import { trainedSetup } from './trainedSetup.js'
import type { Changeable } from './trainingOptions.js'

export type { FitEvents, FitResult, TrainedFit }

/**
 * Fits a model to a data set: a latent ODE, or the one that the option `model` names. With no
 * options it splits the series, normalises, trains and keeps the weights that
 * did best on the validation series. A baseline is estimated in one go; the signal then throws its reason.
 *
 * @param set values in their own units, times in those of its axis; nothing of it is changed
 * @throws UserError `TooShort` if no series has two rows, `NoTrainingValues`, `NoLogarithm` for channels that cannot be
 * normalised; `SolverFailed`, `Diverged` or `NothingLearned` if training does not come to
 * a model; `Option` for options that are none or sizes too large
 */
export async function fit(engine: Engine, set: SeriesSet, options: Partial<FitOptions> = {}, events: FitEvents = {}): Promise<FitResult> {
  const described = describeFit(engine, set, chooseOptions(options), events.onNotice)
  if (described.windows !== undefined) events.onNotice?.(describeWindows(set, described.windows, described.split), 'notice')
  if (described.channelWeights !== undefined) events.onNotice?.(describeWeights(described.channels, described.channelWeights), 'notice')
  const outlying = outlyingSpans(cutWindows(set, described.windows), described.scale.span)
  if (outlying !== undefined) events.onNotice?.(outlying, 'warning')
  const data = trainingData(set, described)
  const setup = setupOf(described)
  if (!isTrained(setup)) return { fitted: await estimate(described, data, events), finished: true }
  const model = createModel(engine, setup)
  return runFit(engine, model, described, data, { state: startTraining(model, described.training, engine.dtype) }, events)
}

/**
 * Goes on from a checkpoint, to the same bits as if training had not stopped if engine, version and data are the same;
 * where one differs a notice says so. `epochs`, `budget` and `patience` may be set anew.
 *
 * @param checkpoint file that `fit` wrote, or what is in it
 * @throws UserError `NoFile`, `NoCheckpoint`, `ModelFile`, `ModelVersion` for a file that is no checkpoint; DataError `NoChannel` for data
 *   without a channel of the model; and as `fit`
 */
export async function resumeFit(
  engine: Engine,
  set: SeriesSet,
  checkpoint: string | Checkpoint,
  options: Partial<Pick<FitOptions, Changeable>> = {},
  events: FitEvents = {},
): Promise<TrainedFit> {
  const { described: saved, state, members } = typeof checkpoint === 'string' ? await readCheckpoint(checkpoint) : checkpoint
  const described: ModelDescription = { ...saved, training: { ...saved.training, ...options }, engine: engineName(engine), version }
  const changed = [
    ...(saved.engine === described.engine ? [] : [`the engine is ${described.engine}, it was ${saved.engine}`]),
    ...(saved.version === version ? [] : [`this is version ${version}, it was ${saved.version}`]),
    ...(saved.fingerprint === fingerprint(withChannels(set, saved.channels))
      ? []
      : ['the data have changed (series that are new are trained on)']),
  ]
  if (changed.length > 0) events.onNotice?.(`Resuming, but not to the same bits: ${changed.join('; ')}.`, 'warning')
  goOn(state, options)
  const model = createModel(engine, trainedSetup(described))
  return runFit(engine, model, described, trainingData(set, described), { state, members }, events)
}

/** Takes back the end of a training that has new limits. */
function goOn(state: TrainingState, { epochs, budget, patience }: Partial<Pick<FitOptions, Changeable>>): void {
  if (state.ending === 'rest') {
    if (patience === undefined) return
    // It waits again where it was when it came to rest.
    state.plateau = { ...state.plateau, waited: 0, cuts: state.plateau.cuts - 1 }
    state.ending = undefined
  }
  if ((epochs !== undefined && epochs > state.epoch) || budget !== undefined) state.ending = undefined
}

function describeWindows({ series }: SeriesSet, { rows, stride }: Windows, { train, valid, test }: Split): string {
  const every = stride === rows ? '' : `, one every ${stride} rows`
  return (
    `${plural(series.length, 'series', 'series')} of up to ` +
    `${series.reduce((most, { times }) => Math.max(most, times.length), 0).toLocaleString('en-US')} rows ` +
    `${series.length === 1 ? 'is' : 'are'} cut into windows of ${rows} rows${every}: ${train.length} to train on, then ${valid.length} ` +
    `to validate, the last ${test.length} to test (--window none leaves series whole).`
  )
}

/** @throws UserError `TooShort` where no series has two rows */
export function requireTwoRows({ series }: Pick<SeriesSet, 'series'>): void {
  if (series.some(({ times }) => times.length >= 2)) return
  throw new UserError(
    'TooShort',
    `None of the ${series.length} series has two rows, so there is no change over time to learn. Check that the id column ` +
      'names the series, not the rows.',
  )
}

function describeFit(
  engine: Engine,
  set: SeriesSet,
  { kind, model: chosen, training, preparation }: ChosenOptions,
  onNotice: FitEvents['onNotice'],
): ModelDescription {
  const choice = withLikelihoods(chosen, set)
  requireSupport(choice.model, set)
  const unused = 'encoder' in chosen ? unusedOption(chosen) : undefined
  if (unused !== undefined) throw new UserError('Option', unused)
  const unfit = 'encoder' in chosen ? unfitParts(chosen, set.channels.length) : undefined
  if (unfit !== undefined) throw new UserError('Option', `It cannot be made: ${unfit}. Give another number.`)
  requireTwoRows(set)
  const windows = chooseWindows(set, preparation.window, preparation.stride)
  const fractions = { valid: preparation.validFraction, test: preparation.testFraction }
  const simple =
    windows === undefined
      ? splitSeries(
          set.series.map(({ id }) => id),
          { seed: training.seed, ...fractions },
        )
      : splitWindows(set, windows, fractions)
  const { estimated }: ModelKind = models[kind]
  const { split, folds, said } = estimated ? { split: simple } : chooseFolds(simple, windows !== undefined, training)
  if (said !== undefined) onNotice?.(said, 'notice')
  for (const one of choice.said) onNotice?.(one, 'notice')
  // A limit of epochs asks for one training of that length, and several trainings are costly enough.
  const undecided =
    training.epochs === undefined &&
    folds === undefined &&
    training.ensemble === 1 &&
    split.valid.length > 0 &&
    mayCorrelate(choice.model, set.channels)
  const model = withResidual(sized(choice.model, set.channels.length), undecided)
  const seen = pickSeries(cutWindows(set, windows), split.train)
  const normalisation = normalisationFor(seen, model, preparation.transform, onNotice)
  const earliest = seen.series.reduce((least, { times }) => Math.min(least, times[0] ?? Infinity), Infinity)
  const latest = seen.series.reduce((most, { times }) => Math.max(most, times[times.length - 1] ?? -Infinity), -Infinity)
  const rate = estimated ? 1 : 'rate' in model && typeof model.rate === 'number' ? model.rate : rateOf(seen, normalisation)
  const weights = estimated ? undefined : channelWeights(countByChannel(seen.series, set.channels.length), training.balance)
  const large = tooLarge({ kind, options: model, channels: set.channels.length, names: set.channels, rate })
  if (large !== undefined) throw new UserError('Option', `There is no room for it: ${large}. Make them smaller.`)
  return {
    kind,
    model,
    training,
    channels: set.channels,
    time: set.time,
    idColumn: set.idColumn,
    timeColumn: set.timeColumn,
    scale: { origin: originOf(seen, model, estimated), earliest, latest, span: normalisation.timeScale, rate },
    normalisation,
    ...(weights && { channelWeights: weights }),
    split,
    ...(windows && { windows }),
    fingerprint: fingerprint(set),
    ...((folds !== undefined || training.ensemble > 1) && { ensemble: { members: [], ...(folds && { folds }) } }),
    history: [],
    keptEpoch: 0,
    version,
    engine: estimated ? HOST : engineName(engine),
  }
}

/** Whether there is a channel that may have a residual process. */
function mayCorrelate(model: ChosenOptions['model'], channels: readonly string[]): boolean {
  return !('likelihood' in model) || correlatable(likelihoodOf(model.likelihood, channels.length, channels)).includes(true)
}

/** A residual process that is `auto` stays so only if it can be found out which is better. */
function withResidual<Options extends object>(options: Options, undecided: boolean): Options {
  return 'residual' in options && !undecided ? { ...options, residual: residualOf(String(options.residual)) } : options
}

/** Where z0 lives, by the option and the training series. */
function originOf({ series }: SeriesSet, model: ChosenOptions['model'], estimated = false): OriginName {
  const option = 'origin' in model ? model.origin : estimated ? 'auto' : 'first'
  return option === 'auto' ? (sharesClock(series) ? 'common' : 'first') : option
}

/**
 * A channel with a likelihood of counts and the like is left as it is. So is one with a likelihood that is too heavy-tailed for a
 * logarithm, and that is said.
 */
function normalisationFor(
  seen: SeriesSet,
  model: ChosenOptions['model'],
  transform: ChosenOptions['preparation']['transform'],
  onNotice: FitEvents['onNotice'],
): Normalisation {
  if (!('likelihood' in model)) return fitNormalisation(seen, { transform })
  const likelihood = likelihoodOf(model.likelihood, seen.channels.length, seen.channels)
  const own = supportsOf(likelihood).map((support) => support !== undefined)
  const normalisation = fitNormalisation(seen, { transform, untransformed: own })
  const heavy = heavyTailed(likelihood)
  const wild = normalisation.channels.filter((channel, c) => heavy[c] && channel.transform.kind === 'log')
  if (wild.length === 0) return normalisation
  const names = wild.map(({ channel }) => `"${channel}"`).join(', ')
  if (transform === 'log')
    throw new UserError(
      'Option',
      `The likelihood ${model.likelihood} and a logarithm of ${names} do not go together: its tails are too heavy for the value itself ` +
        'to have a mean. Say --transform auto, or leave --likelihood out.',
    )
  onNotice?.(
    `${names} ${wild.length === 1 ? 'is' : 'are'} modelled without a logarithm, which --transform auto would take: with heavy tails ` +
      'the value itself would have no mean. Forecasts may reach below what is possible.',
    'notice',
  )
  return fitNormalisation(seen, { transform, untransformed: own.map((one, c) => one || heavy[c]!) })
}

/**
 * Speed of the dynamics for which a field of order one changes z as fast as the data change: a quarter of the span over
 * the characteristic time, which is no shorter than the time between two rows. Slow data keep 1.
 */
export function rateOf({ channels, series }: Pick<SeriesSet, 'channels' | 'series'>, normalisation: Normalisation): number {
  const span = normalisation.timeScale
  const time = characteristicTime({ channels, series: normalised(series, normalisation) }, span) ?? span
  return Math.max(1, span / (4 * Math.max(time, medianStep(series) ?? span)))
}

/** One by one, so that a large set is not there twice. */
function* normalised(series: readonly Series[], normalisation: Normalisation): Generator<Series> {
  for (const one of series) yield normaliseSeries(withinScale(one, normalisation.timeScale, normalisation.channels.length), normalisation)
}

/** The series of a data set as training takes them, by the split of what is fitted. */
export function trainingData(data: SeriesSet, { channels, normalisation, scale, split, windows, time }: ModelDescription): TrainingData {
  const set = cutWindows(withChannels(data, channels), windows)
  const held = new Set([...split.valid, ...split.test])
  const cut = (series: readonly Series[]): Series[] => series.map((one) => withinScale(one, scale.span, channels.length))
  return {
    channels: channels.length,
    scale,
    time,
    // Windows that share rows with those kept for validation or testing are in no part.
    train: cut(windows === undefined ? set.series.filter(({ id }) => !held.has(id)) : pickSeries(set, split.train).series),
    valid: cut(pickSeries(set, split.valid).series),
    // Batch by batch, so that a large set is not there twice.
    normalisation,
  }
}
