import type { Series, TimeAxis } from '../data/series.js'
import type { ParameterArrays } from '../model/sequenceModel.js'
import { random } from '../random.js'
import { shownBy, type Conditioning } from './conditioning.js'
import { select, type Selection, type TimeScale } from './selection.js'
import { combineLosses, type ShardRunner } from './shards.js'
import type { ShardMaker } from './shardMaker.js'
import type { TrainingOptions } from './trainingOptions.js'

/** Values below which a validation loss is too noisy to go by, and how often series are shown anew to come to them. */
const ENOUGH_VALUES = 2000
const MOST_DRAWS = 8

/**
 * The validation series twice: shown a random half of their rows, and shown the first half of their span. Where they have few
 * values they come again, shown otherwise, so that which rows were shown by chance does not decide which weights are best.
 */
export function validationBatches(
  { valid, scale, time = { kind: 'number' } }: { readonly valid: readonly Series[]; readonly scale: TimeScale; readonly time?: TimeAxis },
  options: TrainingOptions,
): Selection[][] {
  const { seed, batchSize } = options
  const trained = shownBy(options, time)
  const halves: Conditioning[] = [{ conditioning: 'interpolation' }, { conditioning: 'extrapolation' }]
  const kinds = options.conditioning === 'mixed' ? halves.map((half) => shownBy(half, time)) : [trained]
  const values = kinds.length * observedValues(valid)
  const draws = Math.max(1, Math.min(MOST_DRAWS, Math.ceil(ENOUGH_VALUES / Math.max(1, values))))
  const items = Array.from({ length: draws }, (_, draw) =>
    kinds.flatMap((kind) =>
      valid.map((series) => {
        const stream = draw === 0 ? random(seed, `validate ${series.id}`) : random(seed, `validate ${series.id}`, draw)
        return select(drawn(series, draw), scale, (draw === 0 ? kind : trained)(series, stream))
      }),
    ),
  ).flat()
  const size = 2 * batchSize
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

/** Under a name of its own, for noise of its own. */
const drawn = (series: Series, draw: number): Series => (draw === 0 ? series : { ...series, id: `${series.id} #${draw}` })

export const observedValues = (series: readonly Series[]): number =>
  series.reduce((sum, { mask }) => sum + mask.reduce((count, observed) => count + observed, 0), 0)

/** Negative ELBO per observed value at beta = 1 on the validation series, with the same noise every time. */
export async function validate(
  runner: ShardRunner,
  shardsOf: ShardMaker,
  { seed, validationSamples: samples }: TrainingOptions,
  parameters: ParameterArrays,
  batches: readonly Selection[][],
): Promise<number> {
  let [loss, observed] = [0, 0]
  for (const batch of batches) {
    const shards = shardsOf(batch, { objective: 'elbo', beta: 1, samples }, { seed, purpose: 'validation noise', step: undefined })
    const result = combineLosses(await runner.losses(parameters, shards))
    loss += result.kl - result.logLikelihood
    observed += result.observed
  }
  return loss / observed
}
