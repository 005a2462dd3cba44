import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { fit } from '../../../src/cli/commands/fit.js'
import { optionFacts } from '../../../src/cli/parsing/options.js'
import { readModel, type FittedModel } from '../../../src/train/modelFile.js'
import { run, useFolder } from '../io.js'
import { good, small, tiny, trainedOnly } from './support.js'

const folder = useFolder()

const bayes = ['--epochs', '2', '--decoder-units', '4', '--batch-size', '4', '--min-steps', '1', '--model', 'gru-ode-bayes']

describe('options of fit', () => {
  /** For each option a value other than the default, with what else it needs to matter, and the values to compare with. */
  const changes: Record<
    string,
    {
      words: string[]
      from?: string[]
      base?: string[]
      /** What is done with the trained model; nothing, unless it is what the option is about. */
      after?: string[]
      differs?: 'weights' | 'history' | 'rates' | 'validation' | 'split' | 'calibration'
    }
  > = {
    model: { from: small, words: ['--model', 'ode-rnn'] },
    units: { from: [...small, '--model', 'ode-rnn'], words: ['--units', '5'] },
    bayesWeight: { from: bayes, words: ['--bayes-weight', '1'] },
    bayesNoise: { from: [...bayes, '--bayes-weight', '1'], words: ['--bayes-noise', '0.5'] },
    encoder: { from: small, words: ['--encoder', 'rnn'] },
    dynamics: { from: small, words: ['--dynamics', 'semilinear'] },
    likelihood: { words: ['--likelihood', 'student-t'] },
    latents: { words: ['--latents', '3'] },
    encoderUnits: { words: ['--encoder-units', '5'] },
    encoderFieldUnits: { words: ['--encoder-field-units', '5'] },
    fieldUnits: { words: ['--field-units', '5'] },
    fieldLayers: { words: ['--field-layers', '2'] },
    timeDependent: { words: ['--time-dependent'] },
    rate: { words: ['--rate', '3'], base: ['--rate', '1'] },
    decoderUnits: { words: ['--decoder-units', '0'] },
    noise: { words: ['--noise', '0.3'] },
    residual: { words: ['--residual', 'none'] },
    origin: { words: ['--origin', 'first'], base: ['--origin', 'common'] },
    method: { words: ['--method', 'rk4'] },
    stepSize: { words: ['--step-size', '0.2'], base: ['--method', 'euler'] },
    rtol: { words: ['--rtol', '1e-6'] },
    atol: { words: ['--atol', '1e-1'] },
    adjoint: { words: ['--adjoint', 'continuous'] },
    epochs: { words: ['--epochs', '3'], differs: 'history' },
    budget: { words: ['--budget', '0.001s'], base: ['--epochs', '30'], differs: 'history' },
    batchSize: { words: ['--batch-size', '8'] },
    minSteps: { words: ['--min-steps', '3'] },
    seed: { words: ['--seed', '2'] },
    calibrate: { after: ['--stack', 'none'], words: ['--no-calibrate'], differs: 'calibration' },
    stack: { after: ['--no-calibrate'], words: ['--stack', 'none'] },
    ensemble: { words: ['--ensemble', '2'] },
    folds: { words: ['--folds', '2'] },
    objective: { words: ['--objective', 'iwae'], base: ['--samples', '2'] },
    balance: { words: ['--balance', 'channels'] },
    samples: { words: ['--samples', '2'] },
    validationSamples: { words: ['--validation-samples', '3'], differs: 'validation' },
    conditioning: { words: ['--conditioning', 'all'] },
    shown: { words: ['--shown', '0.1..0.4'], base: ['--conditioning', 'interpolation'] },
    cut: { words: ['--cut', '2 rows'], base: ['--conditioning', 'extrapolation'] },
    optimiser: { words: ['--optimiser', 'adamax'] },
    learningRate: { words: ['--learning-rate', '0.02'] },
    learningRateCut: {
      words: ['--learning-rate-cut', '0.2'],
      base: ['--epochs', '6', '--kl-warmup', '0', '--learning-rate', '1e-9', '--patience', '1'],
      differs: 'rates',
    },
    learningRateFloor: {
      words: ['--learning-rate-floor', '1'],
      base: ['--epochs', '6', '--kl-warmup', '0', '--learning-rate', '1e-9', '--patience', '1'],
      differs: 'history',
    },
    weightDecay: { words: ['--weight-decay', '0.5'] },
    clip: { words: ['--clip', '1e-3'] },
    averaging: { words: ['--averaging', '0'], base: ['--averaging', '0.5'] },
    klWarmup: { words: ['--kl-warmup', '0'] },
    patience: {
      words: ['--patience', '1'],
      base: ['--epochs', '6', '--kl-warmup', '0', '--learning-rate', '1e-9', '--patience', '0'],
      differs: 'history',
    },
    transform: { words: ['--transform', 'none'], base: ['--transform', 'log'] },
    validFraction: { words: ['--valid-fraction', '0.4'], differs: 'split' },
    testFraction: { words: ['--test-fraction', '0.4'], differs: 'split' },
    window: { words: ['--window', '5'], differs: 'split' },
    stride: { words: ['--stride', '2'], base: ['--window', '5'], differs: 'split' },
  }
  const data = { spirals: 'spirals.csv', preys: 'preys.csv', gaps: 'gaps.csv' }

  beforeAll(async () => {
    await good('simulate', 'spirals', '--series', '12', '--points', '8')
    await good('simulate', 'lotka-volterra', '--series', '12', '--points', '8', '--out', data.preys)
    // Of one channel every other value.
    const lines = readFileSync(data.spirals, 'utf8').split('\n')
    folder.write(data.gaps, lines.map((line, i) => (i > 0 && i % 2 === 0 ? line.replace(/[^,]+$/, '') : line)).join('\n'))
  })

  test('every option of training is tried below', () => {
    const untried = optionFacts(fit.options)
      .map(({ key }) => key)
      .filter((key) => !(key in changes))
    expect(untried).toEqual([
      'data',
      'out',
      'resume',
      'from',
      'checkpoint',
      'engine',
      'dtype',
      'debugNan',
      'threads',
      'id',
      'time',
      'dateFormat',
      'timeZone',
      'format',
      'channel',
      'value',
      'duplicates',
      'missing',
      'delimiter',
      'decimal',
      'thousands',
      'encoding',
      'skipRows',
      'values',
      'maxSteps',
    ])
  })

  test.each([
    [['--shown', '0.3'], 'The option "shown" is 0.3, but only --conditioning interpolation has a use for it'],
    [['--conditioning', 'interpolation', '--cut', '0.3'], 'Leave it out, or say --conditioning extrapolation.'],
    [
      ['--conditioning', 'interpolation', '--shown', '1.5'],
      '--shown is 1.5, but must be a number from 0 to 1 or two that it is drawn from',
    ],
    [['--conditioning', 'interpolation', '--shown', '0.9..0.1'], 'What is shown is "0.9..0.1", but must be'],
    [['--conditioning', 'extrapolation', '--cut', 'half'], 'The cut "half" is none.'],
    [['--conditioning', 'extrapolation', '--cut', '5'], 'if it is a number of rows, "5 rows"'],
  ])('%j is refused', async (words, message) => {
    const { code, err } = await run('fit', data.spirals, ...tiny, ...words, '--out', 'none.model.safetensors', '--quiet')
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
    expect(existsSync('none.model.safetensors')).toBe(false)
  })

  /** Models without the option that is tried: many options have the same. */
  const fitted = new Map<string, Promise<FittedModel>>()
  async function fitWith(...words: string[]): Promise<FittedModel> {
    await good('fit', ...words, '--out', 'tried.model.safetensors', '--quiet')
    return readModel('tried.model.safetensors')
  }

  test.each(Object.entries(changes))(
    '%s has an effect, and is written down',
    async (key, { words, from = tiny, base = [], after: then = trainedOnly, differs = 'weights' }) => {
      const common = [key === 'transform' ? data.preys : key === 'balance' ? data.gaps : data.spirals, ...from, ...then, ...base]
      const known = fitted.get(common.join(' ')) ?? fitWith(...common)
      fitted.set(common.join(' '), known)
      const [before, after] = [await known, await fitWith(...common, ...words)]
      if (differs === 'weights') expect(after.parameters).not.toEqual(before.parameters)
      const rates = ({ history }: typeof after): number[] => history.map(({ learningRate }) => learningRate)
      if (differs === 'rates') expect(rates(after)).not.toEqual(rates(before))
      if (differs === 'history') expect(after.history.length).not.toBe(before.history.length)
      if (differs === 'validation') expect(after.history[0]!.validLoss).not.toBe(before.history[0]!.validLoss)
      if (differs === 'calibration') expect([before.calibration === undefined, after.calibration === undefined]).toEqual([false, true])
      if (differs === 'split') {
        expect(after.split).not.toEqual(before.split)
        // 40 % of 12; windows by the split are tried elsewhere.
        if (key.endsWith('Fraction')) expect(key === 'validFraction' ? after.split.valid : after.split.test).toHaveLength(5)
      }
      const settings = { ...after.model, ...after.training } as Record<string, unknown>
      if (key in settings) expect(settings[key]).not.toEqual(({ ...before.model, ...before.training } as Record<string, unknown>)[key])
    },
  )
})
