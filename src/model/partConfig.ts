import type { Scale } from '../distribution/onScale.js'
import type { KernelName } from '../statespace/kernel.js'
import type { AdjointName, MethodName } from '../ode/types.js'

/**
 * What the parts of a latent ODE are made of, whichever they are: their sizes, and how it is solved. Times are in the model's unit,
 * the longest span of a training series.
 */
export interface PartConfig {
  readonly channels: number
  /** How the values of each channel are normalised, where a likelihood is of values in the data's own units; default not at all. */
  readonly scales?: readonly Scale[]
  /** Weight of each channel in the likelihood; default 1 each. */
  readonly channelWeights?: readonly number[] | undefined
  /** Size of the encoder's hidden state. */
  readonly encoderUnits: number
  /** Width of the hidden layer of the encoder's vector field. */
  readonly encoderFieldUnits: number
  /** Longest Euler step, in the model's time unit; longer gaps are walked in equal parts. */
  readonly encoderStep: number
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
  /**
   * Size of the observation noise: `learned`, one for each channel; `state`, learned as a function of z; or a number in units of each
   * channel's standard deviation.
   */
  readonly noise: 'learned' | 'state' | number
  /** What lies between the decoder's mean and the noise of measurement: a process with a memory, or nothing. */
  readonly residual: KernelName | 'none'
  readonly method: MethodName
  /** Step of the fixed-step methods, in the model's time unit. */
  readonly stepSize: number
  readonly rtol: number
  readonly atol: number
  readonly adjoint: AdjointName
  readonly maxSteps: number
}
