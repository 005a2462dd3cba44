import { BatchMemory } from '../data/batch.js'
import type { Normalisation } from '../data/normalise.js'
import { hash } from '../random.js'
import type { LossTask, NoiseKeys } from './lossTask.js'
import { observationsOf, type Selection, type TimeScale } from './selection.js'
import { cutBatch, MOST_SHARDS } from './shards.js'

/** Makes a batch the tasks of its shards, good until those of the next batch are made. */
export type ShardMaker = (
  batch: readonly Selection[],
  options: Pick<LossTask, 'objective' | 'beta' | 'samples'>,
  noise: Omit<NoiseKeys, 'series'>,
) => LossTask[]

export function shardMaker({
  channels,
  scale,
  normalisation,
}: {
  readonly channels: number
  readonly scale: TimeScale
  readonly normalisation?: Normalisation
}): ShardMaker {
  // Shared, so that shards are sent to other threads without a copy.
  const memory = Array.from({ length: MOST_SHARDS }, () => ({ conditioning: new BatchMemory(true), targets: new BatchMemory(true) }))
  return (batch, options, noise) =>
    cutBatch(batch, options.objective).map((shard, i) => {
      const conditioning = observationsOf(shard, channels, scale, { normalisation, memory: memory[i]!.conditioning })
      const shownAll = shard.every(({ series, rows }) => rows.length === series.times.length)
      return {
        ...options,
        conditioning,
        targets: shownAll
          ? conditioning
          : observationsOf(shard, channels, scale, { normalisation, memory: memory[i]!.targets, whole: true }),
        noise: { ...noise, series: Uint32Array.from(shard, ({ series }) => hash(series.id)) },
      }
    })
}
