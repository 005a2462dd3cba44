import { gruParameters, mlpParameters } from '../nn/layers.js'
import { constant, type ParameterSpecs } from '../nn/parameters.js'
import type { MethodName } from '../ode/types.js'
import type { ParameterArrays } from './sequenceModel.js'

export interface OdeRnnEncoderConfig {
  readonly channels: number
  /** Size of the hidden state. */
  readonly encoderUnits: number
  /** Width of the hidden layer of the state's vector field. */
  readonly encoderFieldUnits: number
  /** Longest Euler step, in the model's time unit; longer gaps are walked in equal parts. */
  readonly encoderStep: number
}

/** Sizes of a latent ODE, its noise, and how it is solved. Times are in the model's unit, the longest span of a training series. */
export interface LatentOdeConfig extends OdeRnnEncoderConfig {
  /** Dimension of z. */
  readonly latents: number
  /** Width and number of the hidden layers of the dynamics dz/dt = f(z). */
  readonly fieldUnits: number
  readonly fieldLayers: number
  /** Factor on the dynamics, dz/dt = rate f(z): how fast the data change in the model's time. */
  readonly rate: number
  /** Whether the dynamics may depend on t too. */
  readonly timeDependent: boolean
  /** Width of the decoder's hidden layer; 0 for a linear decoder. */
  readonly decoderUnits: number
  /** `learned`, or the standard deviation of the observation noise in units of each channel's standard deviation. */
  readonly noise: 'learned' | number
  readonly method: MethodName
  /** Step of the fixed-step methods, in the model's time unit. */
  readonly stepSize: number
  readonly rtol: number
  readonly atol: number
  readonly adjoint: 'discrete' | 'continuous'
  readonly maxSteps: number
}

/** Where z0 lives: at each series' first conditioning time, at the earliest time of the training data, or at 0. */
export const origins = ['first', 'common', 'zero'] as const
export type OriginName = (typeof origins)[number]

/** Standard deviation that learned noise starts from: small enough that z0 is worth its KL from the first steps. */
const START_NOISE = 0.3

/** log(exp(sd) − 1): what softplus maps to `sd`. */
const inverseSoftplus = (sd: number): number => sd + Math.log(-Math.expm1(-sd))

export const odeRnnEncoderParameters = ({ channels, encoderUnits, encoderFieldUnits }: OdeRnnEncoderConfig): ParameterSpecs => ({
  ...mlpParameters('encoder.field', [encoderUnits, encoderFieldUnits, encoderUnits], { outputGain: 0.3 }),
  ...gruParameters('encoder.gru', 2 * channels, encoderUnits),
})

export const latentOdeParameters = (config: LatentOdeConfig): ParameterSpecs => {
  const { channels, encoderUnits, latents, fieldUnits, fieldLayers, timeDependent, decoderUnits, noise } = config
  return {
    ...odeRnnEncoderParameters(config),
    ...mlpParameters('posterior', [encoderUnits, encoderUnits, 2 * latents]),
    ...mlpParameters('field', [latents + (timeDependent ? 1 : 0), ...Array<number>(fieldLayers).fill(fieldUnits), latents], {
      outputGain: 0.3,
    }),
    ...mlpParameters('decoder', [latents, ...(decoderUnits > 0 ? [decoderUnits] : []), channels]),
    ...(noise === 'learned' ? { 'noise.raw': { shape: [channels], initialise: constant(inverseSoftplus(START_NOISE)) } } : {}),
  }
}

/** How many numbers a model learns. */
export const parameterCount = (parameters: ParameterArrays): number =>
  Object.values(parameters).reduce((sum, { length }) => sum + length, 0)
