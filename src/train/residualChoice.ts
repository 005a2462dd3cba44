import type { Series } from '../data/series.js'
import { createModel } from '../model/createModel.js'
import type { Engine } from '../engine/engine.js'
import { smoothed } from '../model/residual.js'
import { residualOf, SMOOTHER } from '../model/residualOption.js'
import type { SequenceModel } from '../model/sequenceModel.js'
import { random } from '../random.js'
import { calibrate } from './calibrate.js'
import { sum } from './channelSums.js'
import type { Member } from './ensemble.js'
import type { TrainingData } from './loop.js'
import type { FittedModel, ModelDescription } from './modelFile.js'
import { taskScores } from './taskScores.js'
import { budgetOf, timeLimit, timeTaken } from './timeLimit.js'
import { trainedSetup } from './trainedSetup.js'

type Training = ModelDescription['training']

/** Validation series that forecasts are compared on, and samples of each. */
const [MOST_SERIES, SAMPLES] = [100, 50]
/** Of the time that a limit gives, what the first of two trainings may take. */
const FIRST_SHARE = 2 / 3
/** Nats per value by which the smoother process has to be better. */
const LEAST_GAIN = 0.002

/** A model with one training of it. */
export interface Trained {
  readonly model: SequenceModel
  readonly described: ModelDescription
  readonly member: Member
}

/** Whether it is still to be found out which residual process the model has. */
export const isUndecided = ({ model }: Pick<ModelDescription, 'model'>): boolean => 'residual' in model && model.residual === 'auto'

/** The description with the process that there is until another proves better. */
export function decided(described: ModelDescription, residual?: typeof SMOOTHER): ModelDescription {
  const { model } = described
  return 'residual' in model ? { ...described, model: { ...model, residual: residual ?? residualOf(model.residual) } } : described
}

/** Options of the first training: it leaves time for a second one. */
export function firstTraining({ training }: ModelDescription, data: TrainingData): Training {
  const total = timeLimit(training.budget, data)
  return total === Infinity ? training : { ...training, budget: budgetOf(total * FIRST_SHARE) }
}

/** Options of a second training with the smoother process: as many epochs as the first at most, in the time that it left. */
function secondTraining({ training }: ModelDescription, { history }: Member, data: TrainingData): Training {
  const total = timeLimit(training.budget, data)
  const left = { ...training, epochs: history.length, klWarmup: 0 }
  return total === Infinity ? left : { ...left, budget: budgetOf(Math.max(0.001, total - timeTaken(history))) }
}

/** What is trained to find out: the smoother process, from the weights that the first training found. */
export function secondTry(engine: Engine, described: ModelDescription, { parameters, ...member }: Member, data: TrainingData) {
  const smoother = decided(described, SMOOTHER)
  return {
    model: createModel(engine, trainedSetup(smoother)),
    described: { ...smoother, training: secondTraining(described, { parameters, ...member }, data) },
    weights: smoothed(parameters),
  }
}

/**
 * The one of two that forecasts the validation series better, by negative log-likelihood over filling gaps and looking ahead: the loss
 * that both are trained with takes each value given those next to it, and so says little of how far dynamics reach. Each is calibrated
 * by these series first, if it will be: intervals that are too wide are mended then. The second one's training went on from the
 * first's, so its epochs are counted on.
 */
export function betterOf(engine: Engine, first: Trained, second: Trained, data: TrainingData): { better: Trained; said: string } {
  const series = comparedSeries(data, first.described.training.seed)
  const [before, after] = [first, second].map((one) => forecastNll(engine, asForecast(one, series), series)) as [number, number]
  const smoother = after < before - LEAST_GAIN
  const numbers = `negative log-likelihood of forecasts of the validation series ${after.toFixed(3)}, for ${before.toFixed(3)} with ou`
  return {
    better: smoother ? { ...second, member: continued(first.member, second.member) } : first,
    said: smoother
      ? `The residual process is ${SMOOTHER}, as it does better: ${numbers}.`
      : `The residual process is ou; ${SMOOTHER} did no better: ${numbers}.`,
  }
}

function comparedSeries({ valid }: TrainingData, seed: number): readonly Series[] {
  const usable = valid.filter(({ times }) => times.length >= 2)
  return usable.length <= MOST_SERIES ? usable : random(seed, 'residual').shuffle(usable).slice(0, MOST_SERIES)
}

function asForecast({ model, described, member: { history, keptEpoch, parameters } }: Trained, valid: readonly Series[]): FittedModel {
  const fitted: FittedModel = { ...described, history, keptEpoch, parameters }
  const calibration = described.training.calibrate ? calibrate([{ model, fitted, valid }], described.training.seed) : undefined
  return { ...fitted, ...(calibration && { calibration }) }
}

/** Mean over tasks of the negative log-likelihood per value; infinite where a series could not be forecast. */
function forecastNll(engine: Engine, fitted: FittedModel, series: readonly Series[]): number {
  const nlls = (['interpolation', 'extrapolation'] as const).flatMap((task) => {
    const scores = taskScores(engine, fitted, series, { task, samples: SAMPLES })
    if (scores.failed.length > 0) return [Infinity]
    const sums = scores.series.flatMap(({ channels }) => channels)
    const values = sum(sums, 'values')
    return values > 0 ? [-sum(sums, 'logDensity') / values] : []
  })
  return nlls.reduce((all, nll) => all + nll, 0) / nlls.length
}

function continued(first: Member, second: Member): Member {
  const before = first.history.length
  return {
    ...second,
    history: [...first.history, ...second.history.map((record) => ({ ...record, epoch: record.epoch + before }))],
    keptEpoch: second.keptEpoch + before,
  }
}
