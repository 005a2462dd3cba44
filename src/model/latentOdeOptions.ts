import { z } from 'zod'
import { fixedStepMethods, generalMethods } from '../ode/methods/index.js'
import { EULER_STEP } from './gaps.js'
import type { Dynamics } from './dynamics/dynamics.js'
import { dynamics, type DynamicsName } from './dynamics/index.js'
import type { Encoder } from './encoders/encoder.js'
import { encoders, type EncoderName } from './encoders/index.js'
import { latentOdeParameters, origins, type LatentOdeConfig } from './latentOdeConfig.js'
import { likelihoodOf, likelihoodOption } from './likelihoodOption.js'
import { likelihoods } from './likelihoods/index.js'
import { LEAST_STEP, MOST_LAYERS, MOST_STEPS, MOST_UNITS } from './limits.js'
import { modelKind, type DataFacts } from './modelKind.js'
import { sized } from './sizes.js'
import { residualOf, residualOption } from './residualOption.js'
import { posteriors, type PosteriorName } from './posteriors/index.js'

const positive = z.number().positive()
const size = z.union([z.literal('auto'), z.number().int().min(1).max(MOST_UNITS)]).default('auto')
const AUTO = 'auto: by the number of channels'

/** Speed of a model's dynamics; the same option for all that have it. */
export const rate = z
  .union([z.literal('auto'), positive.max(1e6)])
  .default('auto')
  .describe('Speed of the dynamics, dz/dt = rate f(z) per length of the longest series; auto: from how fast the data change')

/** A choice among the parts of a table, the first of which is the default. */
function part<Name extends string>(table: Readonly<Record<Name, { readonly describe: string }>>, what: string) {
  const names = Object.keys(table) as [Name, ...Name[]]
  return z
    .enum(names)
    .default(() => names[0])
    .describe(`${what}. ${names.map((name) => `${name}: ${table[name].describe}`).join('; ')}`)
}

/** The names of all parts, by kind. */
export const latentOdePartNames: Readonly<Record<'encoder' | 'posterior' | 'dynamics' | 'likelihood', readonly string[]>> = {
  encoder: Object.keys(encoders),
  posterior: Object.keys(posteriors),
  dynamics: Object.keys(dynamics),
  likelihood: Object.keys(likelihoods),
}

/** Options of the latent ODE: its parts, their sizes, its noise, how it is solved. */
export const latentOdeOptions = z.strictObject({
  encoder: part<EncoderName>(encoders, 'What reads the observations'),
  posterior: part<PosteriorName>(posteriors, 'Family of q(z0)'),
  dynamics: part<DynamicsName>(dynamics, 'Dynamics of z'),
  likelihood: likelihoodOption,
  latents: size.describe(`Dimension of the latent state z; ${AUTO}, 8 to 20`),
  encoderUnits: size.describe(`Size of the hidden state of the encoder; ${AUTO}, 32 to 64`),
  encoderFieldUnits: size.describe('Width of the hidden layer of the vector field of the encoder ode-rnn; auto: as above'),
  fieldUnits: size.describe(`Width of the hidden layers of the dynamics dz/dt = f(z); ${AUTO}, 32 to 64`),
  fieldLayers: z.number().int().min(1).max(MOST_LAYERS).default(1).describe('Number of hidden layers of the dynamics'),
  timeDependent: z.boolean().default(false).describe('Let the dynamics depend on time too'),
  rate,
  decoderUnits: z
    .union([z.literal('auto'), z.number().int().min(0).max(MOST_UNITS)])
    .default('auto')
    .describe(`Width of the decoder's hidden layer; 0 for a linear decoder; ${AUTO}, 32 to 64`),
  noise: z
    .union([z.enum(['learned', 'state']), positive.max(1e6)])
    .default('learned')
    .describe("Observation noise: learned, learned as a function of z (state), or a number in units of each channel's standard deviation"),
  residual: residualOption,
  origin: z
    .enum(['auto', ...origins])
    .default('auto')
    .describe(
      "Where z0 lives: each series' first observation, the data's earliest time (common), or time zero; auto: the earliest time where " +
        'series begin at about the same time, else the first observation',
    ),
  method: z.enum(generalMethods).default('dopri5').describe('ODE solver of the dynamics'),
  stepSize: z
    .number()
    .min(LEAST_STEP)
    .max(100)
    .default(0.02)
    .describe(
      `Step of the fixed-step methods (${generalMethods.filter((name) => fixedStepMethods.includes(name)).join(', ')}), as a fraction of the longest series`,
    ),
  rtol: positive.max(1).default(1e-3).describe('Relative tolerance of the adaptive methods'),
  atol: positive.max(1e6).default(1e-4).describe('Absolute tolerance of the adaptive methods'),
  maxSteps: z.number().int().min(1).max(MOST_STEPS).default(1000).describe('Most solver steps per series'),
  adjoint: z.enum(['discrete', 'continuous', 'interpolated']).default('discrete').describe('Gradient of the solver'),
})
export type LatentOdeOptions = z.output<typeof latentOdeOptions>

export const latentOdeConfig = (
  { origin: _origin, rate: _rate, ...options }: LatentOdeOptions,
  { channels, rate, names, scales, channelWeights }: DataFacts,
): LatentOdeConfig => ({
  ...sized(options, channels),
  residual: residualOf(options.residual),
  ...(scales && { scales }),
  ...(channelWeights && { channelWeights }),
  likelihood: likelihoodOf(options.likelihood, channels, names),
  channels,
  encoderStep: EULER_STEP,
  rate,
})

/** Names of the options that the parts chosen have no use for, with the part that has none. */
export function unusedOptions({ encoder, dynamics: of }: Pick<LatentOdeOptions, 'encoder' | 'dynamics'>): ReadonlyMap<string, string> {
  const [reads, moves]: [Encoder, Dynamics] = [encoders[encoder], dynamics[of]]
  return new Map([
    ...(reads.unused ?? []).map((name) => [name, `The encoder ${encoder} has`] as const),
    ...(moves.unused ?? []).map((name) => [name, `The dynamics ${of} have`] as const),
  ])
}

/** An option that is set and that the parts chosen have no use for, in words; undefined if there is none. */
export function unusedOption(options: LatentOdeOptions): string | undefined {
  const defaults: Readonly<Record<string, unknown>> = latentOdeOptions.parse({})
  const set = Object.entries(options).filter(([name, value]) => value !== defaults[name])
  for (const [name, who] of unusedOptions(options)) {
    const value = set.find(([one]) => one === name)?.[1]
    if (value !== undefined) return `${who} no use for "${name}", which is set to ${String(value)}. Leave it out.`
  }
  return undefined
}

/** Why the parts chosen cannot be made in these sizes, in words; undefined if they can. */
export function unfitParts(options: LatentOdeOptions, channels: number): string | undefined {
  const { latents } = sized(options, channels)
  const chosen: Dynamics = dynamics[options.dynamics]
  if (!chosen.pairs || latents % 2 === 0) return undefined
  return `the dynamics ${options.dynamics} pair the latents up, but latents is ${latents}, an odd number`
}

/** The latent ODE, for the table of models. */
export const latentOdeKind = modelKind({
  label: 'A latent ODE',
  describe: 'an ODE-RNN reads what is known, a learned ODE carries z from there to any time',
  options: latentOdeOptions,
  before: { residual: 'none' },
  parameters: (options, data) => latentOdeParameters(latentOdeConfig(options, data)),
})
