import { z } from 'zod'
import type { ModelDescription } from './modelFile.js'
import { real, whole } from './schema.js'
import type { Disagreement } from './agreement.js'
import { REMEMBERED } from './clipping.js'
import { isAtRest, type Plateau } from './schedule.js'
import { endings, type Ending, type EpochSums, type TrainingState } from './state.js'

/** What a checkpoint says of its training besides the arrays. */
export type Counters = Pick<TrainingState, 'updates' | 'step' | 'epoch' | 'batch' | 'rateFactor' | 'undone'> & {
  readonly norms: readonly number[]
  readonly plateau: Omit<Plateau, 'best'> & { readonly best: number | null }
  /** Null while training goes on. */
  readonly ending: Ending | null
  readonly sums: Omit<EpochSums, 'smallestStep'> & { smallestStep: number | null }
  readonly best: { readonly loss: number | null; readonly epoch: number } | null
  /** Updates that made the weights before the last; null if there was none. */
  readonly previous: number | null
}

const number = z.number()
const least0 = number.min(0)

/** Each of them alone; how they go together is asked of `contradiction`. */
export const counters = z.strictObject({
  updates: whole,
  step: whole,
  epoch: whole,
  batch: whole,
  rateFactor: number.positive().max(1),
  undone: whole,
  norms: z.array(least0).max(REMEMBERED),
  plateau: z.strictObject({ best: z.union([number, z.null()]), waited: whole, cuts: whole }),
  ending: z.union([z.enum(endings), z.null()]),
  sums: z.strictObject({
    // What is not needed to go on may have left the numbers; it is told only.
    loss: number,
    logLikelihood: real,
    kl: real,
    observed: least0,
    series: least0,
    evaluations: least0,
    gradientNorm: least0,
    steps: whole,
    rows: whole,
    failed: whole,
    accepted: whole,
    rejected: whole,
    smallestStep: z.union([least0, z.null()]),
    seconds: least0,
  }),
  best: z.union([z.strictObject({ loss: z.union([number, z.null()]), epoch: whole.min(1) }), z.null()]),
  previous: z.union([whole, z.null()]),
})
const _countersFit: Counters = {} as z.infer<typeof counters>
void _countersFit

/** The first place where a training state contradicts itself, or the description of its model. */
export function contradiction(
  { updates, step, epoch, batch, rateFactor, undone, plateau, ending, sums, best, previous }: Counters,
  { training, history }: Pick<ModelDescription, 'training' | 'history'>,
): Disagreement | undefined {
  const at =
    (...path: readonly string[]) =>
    (message: string): Disagreement => ({ path, message })
  if (epoch !== history.length) return at('epoch')(`it is ${epoch}, but there are records of ${history.length} epochs`)
  if (training.epochs !== undefined && epoch > training.epochs) return at('epoch')(`it is ${epoch} of ${training.epochs}`)
  if (epoch + batch > step) return at('step')(`there are too few for ${epoch} epochs and ${batch} steps more`)
  if (updates + undone > step) return at('updates')(`there are more of them, with those undone, than the ${step} steps`)
  if (rateFactor !== 2 ** -undone) return at('rateFactor')(`it is not halved ${undone} times`)
  if (sums.steps > batch) return at('sums', 'steps')(`there are more than the ${batch} of the epoch`)
  if (sums.steps + undone < batch) return at('sums', 'steps')(`there are too few for the ${batch} of the epoch`)
  if (sums.failed > sums.rows) return at('sums', 'failed')(`there are more than the ${sums.rows} rows`)
  if (previous === null ? updates > 0 : previous !== updates && previous !== updates - 1)
    return at('previous')(`it does not come before ${updates}`)
  if (plateau.waited + plateau.cuts > epoch) return at('plateau')(`it is of more than the ${epoch} epochs`)
  if (ending === 'epochs' && epoch !== training.epochs)
    return at('ending')(`there are ${epoch} epochs of ${training.epochs ?? 'any number'}`)
  if (ending === 'rest' && !isAtRest({ ...plateau, best: plateau.best ?? Infinity }, training))
    return at('ending')('the validation loss is not at rest')
  if (best === null) return undefined
  const record = history[best.epoch - 1]
  if (!record) return at('best', 'epoch')(`there is no record of epoch ${best.epoch}`)
  if (best.loss !== null && best.loss !== record.validLoss && best.loss !== record.trainLoss)
    return at('best', 'loss')(`it is not that of epoch ${best.epoch}`)
  return undefined
}
