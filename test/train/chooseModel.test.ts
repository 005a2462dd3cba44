import { describe, expect, test } from 'vitest'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import type { ModelKind } from '../../src/model/modelKind.js'
import { models, usualModels } from '../../src/model/models.js'
import { fitModel, leastNll } from '../../src/train/chooseModel.js'
import { optionsFor, optionsOf } from '../../src/train/compareModels.js'
import type { Ranking } from '../../src/train/contest.js'
import { fit } from '../../src/train/fit.js'
import { onValidation } from '../../src/train/onValidation.js'
import { selectEngine } from '../../src/engine/select.js'

const set = simulateOscillators({ count: 16, points: 8, seed: 2 })
const small = {
  latents: 2,
  encoderUnits: 4,
  encoderFieldUnits: 4,
  fieldUnits: 4,
  decoderUnits: 0,
  minSteps: 1,
  epochs: 1,
  validFraction: 0.5,
}
const engine = await selectEngine()

describe('fitModel', () => {
  test('auto keeps the model with the least negative log-likelihood on validation series, with the weights of a fit by itself', async () => {
    const fits: string[] = []
    const { fitted, choice } = await fitModel(engine, set, { ...small, model: 'auto' }, { onCandidate: ({ model }) => fits.push(model) })
    const { chosen, interpolation, extrapolation, failures } = choice!
    expect([...fits].sort()).toEqual([...usualModels].sort())
    expect(failures).toEqual([])
    const nll = new Map(interpolation!.models.map((one, i) => [one.model, one.nll + extrapolation!.models[i]!.nll]))
    expect(nll.get(chosen)).toBe(Math.min(...nll.values()))
    expect(fitted.kind).toBe(chosen)
    const alone = await fit(engine, set, { ...optionsFor(chosen, small), model: chosen })
    expect(fitted.parameters).toEqual(alone.fitted.parameters)
  })

  test('without validation series there is nothing to choose by', async () => {
    await expect(fitModel(engine, set, { model: 'auto', validFraction: 0 })).rejects.toMatchObject({ code: 'NoValidation' })
    const two = { ...set, series: set.series.slice(0, 2) }
    await expect(fitModel(engine, two, { ...small, model: 'auto' })).rejects.toMatchObject({ code: 'NoValidation' })
  })

  test('stopped in the first that is trained, it is that fit that can be gone on with', async () => {
    const stop = new AbortController()
    const { finished, fitted, choice } = await fitModel(
      engine,
      set,
      { ...small, epochs: 3, model: 'auto' },
      { signal: stop.signal, onEpoch: () => stop.abort() },
    )
    expect([finished, choice, fitted.history.length]).toEqual([false, undefined, 1])
  })
})

test('leastNll averages over tasks', () => {
  const ranking = (one: number, other: number): Ranking<'a' | 'b'> => {
    const estimate_ = { value: 0, low: 0, high: 0, series: 5 }
    const ranked = (model: 'a' | 'b', nll: number) => ({
      ...{ model, nll, mse: 0, coverage: { '50': 0, '90': 0 }, mseAgainstBest: estimate_, nllAgainstBest: estimate_ },
    })
    return { series: 5, values: 5, models: [ranked('a', one), ranked('b', other)], best: { mse: 'a', nll: 'a' }, winner: {} }
  }
  expect(leastNll(['a', 'b'], [ranking(1, 2), ranking(5, 3)])).toBe('b')
  expect(leastNll(['a', 'b'], [ranking(1, 2), ranking(5, 5)])).toBe('a')
  expect(leastNll(['a', 'b'], [ranking(NaN, 2)])).toBe('b')
})

test('options go to the models that have them', () => {
  expect(optionsFor('ode-rnn', { latents: 3, units: 5, epochs: 2, klWarmup: 3, testFraction: 0.2 })).toEqual({
    units: 5,
    epochs: 2,
    testFraction: 0.2,
  })
  expect(optionsFor('gp', { seed: 2, epochs: 2, latents: 3, testFraction: 0.2 })).toEqual({ seed: 2, testFraction: 0.2 })
  expect(() => optionsOf(['gp', 'last'], { epochs: 2 })).toThrow(
    'The option "epochs" means nothing to any of the models gp, last. Leave it out.',
  )
})

describe('onValidation', () => {
  test('the error against the best baseline at both tasks', async () => {
    const { fitted } = await fit(engine, set, small)
    const { series, interpolation, extrapolation } = (await onValidation(engine, set, { fitted }))!
    expect(series).toBe(fitted.split.valid.length)
    for (const scores of [interpolation!, extrapolation!]) {
      expect(scores.mse).toBeGreaterThan(0)
      expect(scores.against.low).toBeLessThan(scores.against.change)
      expect(scores.against.series).toBe(series)
    }
  })

  test('names a model that is estimated in one go and does better by more than chance', async () => {
    // Dense courses, and a model that has learned nothing of them.
    const dense = simulateOscillators({ count: 24, points: 30, seed: 2 })
    const lazy = { ...small, learningRate: 1e-9, stack: 'none' }
    const { fitted } = await fit(engine, dense, lazy)
    const { better } = (await onValidation(engine, dense, { fitted }, lazy))!
    expect((models[better!.model] as ModelKind).estimated).toBe(true)
    const { interpolation, extrapolation } = better!.nll
    expect(interpolation!.other + extrapolation!.other).toBeLessThan(interpolation!.own + extrapolation!.own)
    // Of a fit whose split may be another, nobody is fitted.
    expect((await onValidation(engine, dense, { fitted }))!.better).toBeUndefined()
  })

  test('nothing is said without validation series', async () => {
    const { fitted } = await fit(engine, set, { ...small, validFraction: 0 })
    expect(await onValidation(engine, set, { fitted })).toBeUndefined()
  })
})
