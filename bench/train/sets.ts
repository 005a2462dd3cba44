import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readSeries } from '../../src/data/read.js'
import type { SeriesSet } from '../../src/data/series.js'
import { simulatePeriodic } from '../../src/data/simulate/periodic.js'
import { simulate, type Simulation } from '../../src/data/simulate/common.js'
import type { FitOptions } from '../../src/train/options.js'

export const trainingNames = ['toy', 'hopper', 'physionet'] as const
export type TrainingName = (typeof trainingNames)[number]

const shared = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

/**
 * What the published settings have in common: batches of 50, 3 samples of z0, dopri5 at 1e-3 and 1e-4, Adamax, linear
 * decoder. The learning rate is next to nothing: what a step costs changes while a model learns, and a faster engine
 * would get further; like this every step is one at initialisation.
 */
const common = {
  batchSize: 50,
  samples: 3,
  optimiser: 'adamax',
  learningRate: 1e-9,
  objective: 'elbo',
  method: 'dopri5',
  rtol: 1e-3,
  atol: 1e-4,
  decoderUnits: 0,
  transform: 'none',
  rate: 1,
  seed: 1,
  patience: 0,
  budget: 'none',
  epochs: 1,
  minSteps: 100_000,
} as const satisfies Partial<FitOptions>

/**
 * The sizes of the released code (Rubanova et al. 2019). Its recurrent state is a mean and a deviation of the given size
 * each, so ours has twice that size; its networks have one more hidden layer than its layer count says.
 */
export const settings: Readonly<Record<TrainingName, Partial<FitOptions>>> = {
  toy: {
    ...common,
    latents: 10,
    encoderUnits: 40,
    encoderFieldUnits: 100,
    fieldUnits: 100,
    fieldLayers: 2,
    noise: 0.01,
    conditioning: 'interpolation',
  },
  hopper: {
    ...common,
    latents: 15,
    encoderUnits: 60,
    encoderFieldUnits: 300,
    fieldUnits: 300,
    fieldLayers: 4,
    noise: 0.01,
    conditioning: 'interpolation',
  },
  physionet: {
    ...common,
    latents: 20,
    encoderUnits: 80,
    encoderFieldUnits: 50,
    fieldUnits: 50,
    fieldLayers: 4,
    noise: 0.01,
    conditioning: 'all',
  },
}

/** Where ours differs from the released code in what a step computes. */
export const differences = [
  'the gates of our encoder are linear in input and state, not perceptrons of 100 (toy, hopper) or 50 units',
  'its vector field has one hidden layer, not two (toy) or four',
  'it walks each series by itself, not the union of all times in the batch',
]

export interface TrainingSet {
  readonly set: SeriesSet
  readonly detail: string
}

/** The series of a training benchmark, or why they cannot be had. */
export async function trainingSet(name: TrainingName): Promise<TrainingSet | { readonly reason: string }> {
  switch (name) {
    case 'toy':
      return { set: simulatePeriodic({ regular: true }), detail: '1,000 periodic series of 100 points, half of them shown' }
    case 'hopper': {
      const file = `${shared}hopper/hopper.csv.gz`
      if (existsSync(file))
        return {
          set: (await readSeries(file, { id: 'id', time: 'time' })).set,
          detail: 'hopper (1,000 series), 200 points of 14 channels, half of them shown',
        }
      return {
        set: coupled(14, 200),
        detail: 'simulated in the shape of hopper (which is not here): 200 points of 14 channels, half of them shown',
      }
    }
    case 'physionet': {
      const file = `${shared}physionet2012/set_a.csv.gz`
      if (!existsSync(file)) return { reason: `there is no ${file}` }
      return {
        set: (await readSeries(file, { id: 'id', time: 'time' })).set,
        detail: 'PhysioNet 2012 set a (1,000 stays), 37 channels, reconstruction',
      }
    }
  }
}

/** Sums of sinusoids on all channels. */
function coupled(channels: number, points: number): SeriesSet {
  const options: Simulation = { count: 400, points, span: 1, noise: 0.01, rowsObserved: 1, cellsObserved: 1, regular: true, seed: 1 }
  return simulate(
    'coupled',
    Array.from({ length: channels }, (_, c) => `c${c}`),
    options,
    (times, draw) => {
      const waves = Array.from({ length: channels }, () => ({ frequency: 0.5 + 2 * draw.uniform(), phase: draw.normal() }))
      return Float64Array.from({ length: times.length * channels }, (_, i) => {
        const { frequency, phase } = waves[i % channels]!
        return Math.sin(2 * Math.PI * frequency * times[Math.floor(i / channels)]! + phase)
      })
    },
  )
}
