import { joinMembers } from '../model/members.js'
import { mixture } from '../model/mixture.js'
import type { SequenceModel } from '../model/sequenceModel.js'
import { stacked } from '../model/stacked.js'
import { tempered } from '../model/tempered.js'
import { calibrate } from './calibrate.js'
import { memberData, recordsOf, type Member } from './ensemble.js'
import { learnStack } from './learnStack.js'
import type { TrainingData, TrainingEvents } from './loop.js'
import type { FittedModel, ModelDescription } from './modelFile.js'
import { stackOf } from './stackOption.js'
import { chooseWeightPower } from './weightPower.js'

/** A model that is done. */
export interface FinishedFit {
  readonly fitted: FittedModel
  /** With folds, each member as a model of its own, whose validation series are those of its fold. */
  readonly outOfFold?: readonly FittedModel[]
}

/**
 * Makes a model of its members, and learns from the validation series what weights of samples are raised to, what the model is averaged
 * with and how intervals are stretched. With folds each member speaks for the series of its own, which it was not trained on.
 */
export async function finishFit(
  model: SequenceModel,
  described: ModelDescription,
  members: readonly Member[],
  data: TrainingData,
  { signal }: Pick<TrainingEvents, 'signal'>,
): Promise<FinishedFit> {
  const { ensemble, split, ...common } = described
  const trained = members.map(({ history, keptEpoch, parameters }, i): FittedModel => {
    const valid = ensemble?.folds?.[i]
    const held = new Set(valid)
    const own = valid ? { ...split, train: split.train.filter((id) => !held.has(id)), valid } : split
    return { ...common, split: own, history, keptEpoch, parameters }
  })
  const { seed, stack: names, calibrate: wanted } = described.training
  const weightPower = chooseWeightPower(
    ensemble?.folds
      ? trained.map((fitted, i) => ({ contenders: [{ model, fitted }], valid: memberData(data, described, i).valid }))
      : [{ contenders: trained.map((fitted) => ({ model, fitted })), valid: data.valid }],
    seed,
  )
  const single = weightPower === 1 ? trained : trained.map((fitted) => ({ ...fitted, weightPower }))
  const one = tempered(model, weightPower)
  const whole: FittedModel = ensemble
    ? {
        ...single[0]!,
        split,
        ensemble: { ...ensemble, members: recordsOf(members) },
        parameters: joinMembers(single.map(({ parameters }) => parameters)),
      }
    : single[0]!
  const parts = ensemble?.folds
    ? single.map((fitted, i) => ({ model: one, fitted, data: memberData(data, described, i) }))
    : [{ model: ensemble ? mixture(one, members.length) : one, fitted: whole, data }]
  // Who says stop wants the model that there is: the signal ends this too.
  const learned = await learnStack(parts, stackOf(names), data, { seed, signal })
  const channels = described.channels.length
  const withStack = (fitted: FittedModel, own: typeof fitted.parameters | undefined): FittedModel =>
    learned && own ? { ...fitted, stack: learned.stack, parameters: { ...fitted.parameters, ...own } } : fitted
  const judged = parts.map((part, i) => ({
    model: learned ? stacked(part.model, learned.stack, channels) : part.model,
    fitted: withStack(part.fitted, learned?.ofParts[i]),
    valid: part.data.valid,
  }))
  const calibration = wanted ? calibrate(judged, seed) : undefined
  const calibrated = (fitted: FittedModel): FittedModel => ({ ...fitted, ...(calibration && { calibration }) })
  return {
    fitted: calibrated(withStack(whole, learned?.parameters)),
    ...(ensemble?.folds && { outOfFold: judged.map(({ fitted }) => calibrated(fitted)) }),
  }
}
