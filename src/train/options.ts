import { z } from 'zod'
import { fixedStepMethods, methodNames } from '../ode/methods/index.js'
import { objectives } from '../model/objective.js'
import type { LatentOdeConfig } from '../model/latentOdeConfig.js'
import { conditionings } from './conditioning.js'
import { origins, type TimeScale } from './selection.js'
import { optimisers } from './optimiser.js'
import type { TrainingOptions } from './loop.js'

const positive = z.number().positive()
const whole = z.number().int().nonnegative()
const count = z.number().int().positive()

/** Options of the model: its sizes, its noise, how it is solved. Shared by the command line, YAML files and code. */
export const modelOptions = z.strictObject({
  latents: count.default(8).describe('Dimension of the latent state z'),
  encoderUnits: count.default(32).describe('Size of the hidden state of the ODE-RNN encoder'),
  encoderFieldUnits: count.default(32).describe("Width of the hidden layer of the encoder's vector field"),
  fieldUnits: count.default(32).describe('Width of the hidden layers of the dynamics dz/dt = f(z)'),
  fieldLayers: count.default(1).describe('Number of hidden layers of the dynamics'),
  timeDependent: z.boolean().default(false).describe('Let the dynamics depend on time too'),
  rate: z.union([z.literal('auto'), positive]).default('auto').describe('Speed of the dynamics, dz/dt = rate f(z) per length of the longest series; auto: from how fast the data change'),
  decoderUnits: whole.default(32).describe("Width of the decoder's hidden layer; 0 for a linear decoder"),
  noise: z.union([z.literal('learned'), positive]).default('learned').describe("Standard deviation of the observation noise: learned, or a number in units of each channel's standard deviation"),
  origin: z.enum(origins).default('first').describe("Where z0 lives: each series' first observation, the data's earliest time, or time zero"),
  method: z.enum(methodNames).default('dopri5').describe('ODE solver of the dynamics'),
  stepSize: positive.default(0.02).describe(`Step of the fixed-step methods (${fixedStepMethods.join(', ')}), as a fraction of the longest series`),
  rtol: positive.default(1e-3).describe('Relative tolerance of the adaptive methods'),
  atol: positive.default(1e-4).describe('Absolute tolerance of the adaptive methods'),
  maxSteps: count.default(1000).describe('Most solver steps per series'),
  adjoint: z.enum(['discrete', 'continuous']).default('discrete').describe('Gradient of the solver'),
})
export type ModelOptions = z.infer<typeof modelOptions>

/** Options of training. */
export const trainingOptions = z.strictObject({
  epochs: count.default(100).describe('Most passes over the training series'),
  batchSize: count.default(32).describe('Series per step'),
  minSteps: count.default(5).describe('Least steps in an epoch: small sets are passed over several times'),
  seed: whole.max(2 ** 32 - 1).default(1).describe('Seed of everything random'),
  objective: z.enum(objectives).default('elbo').describe('elbo, iwae, or the formula of the code released with the paper'),
  samples: count.default(3).describe('Samples of z0 per series in training'),
  validationSamples: count.default(5).describe('Samples of z0 per series in validation'),
  conditioning: z.enum(conditionings).default('mixed').describe('Which observations the encoder is shown in training'),
  optimiser: z.enum(optimisers).default('adam').describe('Optimiser'),
  learningRate: positive.default(0.01).describe('Learning rate of the first step'),
  learningRateDecay: positive.max(1).default(0.999).describe('Factor on the learning rate per step'),
  learningRateFloor: z.number().min(0).max(1).default(0.1).describe('Least learning rate, as a fraction of the first'),
  weightDecay: z.number().min(0).default(0).describe('Decay of the weights per unit of learning rate'),
  clip: positive.default(1).describe('Greatest norm of the gradient'),
  klWarmup: whole.default(10).describe('Epochs over which the KL term gains its full weight'),
  patience: whole.default(30).describe('Epochs without a better validation loss after which training ends; 0: never'),
})
export type { TrainingOptions }

const _trainingOptionsFit: TrainingOptions = {} as z.infer<typeof trainingOptions>
void _trainingOptionsFit

/** The part of a model's description that its sizes follow from. */
interface Described {
  readonly channels: readonly string[]
  readonly model: ModelOptions
  readonly scale: Pick<TimeScale, 'rate'>
}

/** Longest Euler step of the encoder as a fraction of the longest series: the published setting. */
const ENCODER_STEP = 1 / 50

export const modelConfig = ({ channels, model: { origin: _origin, rate: _rate, ...options }, scale }: Described): LatentOdeConfig =>
  ({ ...options, channels: channels.length, encoderStep: ENCODER_STEP, rate: scale.rate })

/** Options of how the data are prepared. */
export const preparationOptions = z.strictObject({
  transform: z.enum(['auto', 'log', 'none']).default('auto').describe('Logarithm of the values: where it makes them more normal, wherever possible, never'),
  validFraction: z.number().min(0).max(0.9).default(0.15).describe('Fraction of the series that decides when training ends'),
  testFraction: z.number().min(0).max(0.9).default(0.15).describe('Fraction of the series kept for evaluation'),
})

/** All options of a fit in one flat object, as in a YAML file. */
export const fitOptions = z.strictObject({ ...modelOptions.shape, ...trainingOptions.shape, ...preparationOptions.shape })
/** All options of a fit; each is described where it is declared, and in docs/cli.md. */
export type FitOptions = z.infer<typeof fitOptions>
