import { z } from 'zod'
import type { KernelName } from '../statespace/kernel.js'
import { gruParameters, mlpParameters } from '../nn/layers.js'
import type { ParameterSpecs } from '../nn/parameters.js'
import { latentOdeOptions } from './latentOdeOptions.js'
import { residualParameters } from './residual.js'
import { residualOf } from './residualOption.js'
import { modelKind, type DataFacts } from './modelKind.js'
import { sized, type Sized } from './sizes.js'

/** Options of the ODE-RNN. */
export const odeRnnOptions = z.strictObject({
  units: latentOdeOptions.shape.encoderUnits.describe('Size of the hidden state; auto: by the number of channels, 32 to 64'),
  ...latentOdeOptions.pick({ fieldUnits: true, fieldLayers: true, rate: true, decoderUnits: true, residual: true }).shape,
})
export type OdeRnnOptions = z.output<typeof odeRnnOptions>
/** The options with nothing left open, and what the data say. */
export type OdeRnnSizes = Omit<Sized<OdeRnnOptions>, 'residual'> & { readonly residual: KernelName | 'none' } & DataFacts

export const odeRnnSizes = (options: OdeRnnOptions, data: DataFacts): OdeRnnSizes => ({
  ...sized(options, data.channels),
  residual: residualOf(options.residual),
  ...data,
})

export const odeRnnParameters = ({ channels, units, fieldUnits, fieldLayers, decoderUnits, residual }: OdeRnnSizes): ParameterSpecs => ({
  ...mlpParameters('field', [units, ...Array<number>(fieldLayers).fill(fieldUnits), units], { outputGain: 0.3 }),
  ...gruParameters('gru', 2 * channels, units),
  ...mlpParameters('decoder', [units, ...(decoderUnits > 0 ? [decoderUnits] : []), 2 * channels]),
  ...(residual !== 'none' && residualParameters(channels, residual)),
})

/** The ODE-RNN, for the table of models. It has no z0, so nothing is sampled and there is no KL term. */
export const odeRnnKind = modelKind({
  label: 'An ODE-RNN',
  describe: 'each observation is predicted from those before it',
  options: odeRnnOptions,
  before: { residual: 'none' },
  fixed: { objective: 'elbo', samples: 1, validationSamples: 1, klWarmup: 0 },
  parameters: (options, data) => odeRnnParameters(odeRnnSizes(options, data)),
})
