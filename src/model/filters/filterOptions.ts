import { z } from 'zod'
import type { KernelName } from '../../statespace/kernel.js'
import { latentOdeOptions } from '../latentOdeOptions.js'
import type { DataFacts } from '../modelKind.js'
import { residualOf } from '../residualOption.js'
import { sized, type Sized } from '../sizes.js'

/** Options that filters have; each cell says which. */
export const filterOptions = z.strictObject({
  units: latentOdeOptions.shape.encoderUnits.describe('Size of the hidden state; auto: by the number of channels, 32 to 64'),
  ...latentOdeOptions.pick({ fieldUnits: true, fieldLayers: true, rate: true, decoderUnits: true, residual: true }).shape,
  bayesWeight: z
    .number()
    .min(0)
    .max(1e6)
    .default(0.01)
    .describe('Weight of the KL divergence of what the state says after an observation from what Bayes says; 0: the likelihood alone'),
  bayesNoise: z
    .number()
    .min(1e-3)
    .max(1e3)
    .default(0.1)
    .describe("Noise of a measurement for that, in units of each channel's standard deviation"),
})
export type FilterOptions = z.output<typeof filterOptions>

/** The options with nothing left open, and what the data say. What a cell has no option for is as by default, and nothing to it. */
export type FilterSizes = Omit<Sized<FilterOptions>, 'residual'> & { readonly residual: KernelName | 'none' } & DataFacts

export const filterSizes = (options: Partial<FilterOptions>, data: DataFacts): FilterSizes => {
  const all = filterOptions.parse(options)
  return { ...sized(all, data.channels), residual: residualOf(all.residual), ...data }
}
