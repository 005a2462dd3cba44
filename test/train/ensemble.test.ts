import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import { selectEngine } from '../../src/engine/select.js'
import { parametersOfMember } from '../../src/model/members.js'
import { readCheckpoint } from '../../src/train/checkpoint.js'
import { memberTraining } from '../../src/train/ensemble.js'
import { fit, resumeFit } from '../../src/train/fit.js'
import { chooseFolds } from '../../src/train/folds.js'
import { forecast } from '../../src/train/forecast.js'
import { readModel, writeModel } from '../../src/train/modelFile.js'
import { onValidation } from '../../src/train/onValidation.js'
import { chooseOptions, type FitOptions } from '../../src/train/options.js'
import { settledOption, updateFit } from '../../src/train/updateFit.js'

const folder = mkdtempSync(join(tmpdir(), 'ensemble-'))
afterAll(() => rmSync(folder, { recursive: true }))

const set = simulateOscillators({ count: 12, points: 6, seed: 2 })
const small: Partial<FitOptions> = {
  latents: 2,
  encoderUnits: 4,
  encoderFieldUnits: 4,
  fieldUnits: 4,
  decoderUnits: 0,
  minSteps: 2,
  epochs: 3,
  stack: 'last',
}
const engine = await selectEngine()

describe('an ensemble', () => {
  test('of 1 is a plain fit, to the same bits', async () => {
    const plain = await fit(engine, set, small)
    const { fitted } = await fit(engine, set, { ...small, ensemble: 1, folds: 1 })
    expect(fitted.ensemble).toBeUndefined()
    expect(fitted.parameters).toEqual(plain.fitted.parameters)
  })

  test('its members differ by their seed; the first is the plain fit; its mean is the mean of theirs', async () => {
    const told: object[] = []
    const options = { ...small, stack: 'none', calibrate: false }
    const { fitted } = await fit(engine, set, { ...options, ensemble: 2 }, { onMember: (member) => told.push(member) })
    expect(told).toEqual([{ index: 0, count: 2 }, { index: 1, count: 2 }]) // prettier-ignore
    expect(fitted.ensemble!.members.map(({ seed, history }) => [seed, history.length])).toEqual([[1, 3], [2, 3]]) // prettier-ignore
    const plain = await fit(engine, set, options)
    expect(parametersOfMember(0, fitted.parameters)).toEqual(plain.fitted.parameters)
    expect(parametersOfMember(1, fitted.parameters)).not.toEqual(plain.fitted.parameters)
    expect(fitted.split).toEqual(plain.fitted.split)
    // Many samples of each member alone, and of both.
    const query = { series: set.series[0]!, rows: Int32Array.of(0, 1), times: set.series[0]!.times }
    const meanOf = (model: typeof fitted, samples: number): number =>
      [...forecast(engine, model, [query], { samples })][0]!.distribution(5, 0).mean
    const { ensemble: _, ...one } = fitted
    const alone = [0, 1].map((member) => meanOf({ ...one, parameters: parametersOfMember(member, fitted.parameters) }, 4000))
    expect(meanOf(fitted, 8000)).toBeCloseTo((alone[0]! + alone[1]!) / 2, 1)
    expect(Math.abs(alone[0]! - alone[1]!)).toBeGreaterThan(0)
  })

  test('is read from its file as it was written', async () => {
    const { fitted } = await fit(engine, set, { ...small, ensemble: 2 })
    const path = join(folder, 'two.model.safetensors')
    await writeModel(path, fitted)
    const read = await readModel(path)
    expect(read.parameters).toEqual(fitted.parameters)
    expect(read.ensemble).toEqual(fitted.ensemble)
  })

  test('no training goes on from it, and none goes on to become one', async () => {
    const { fitted } = await fit(engine, set, { ...small, ensemble: 2 })
    await expect(updateFit(engine, set, fitted)).rejects.toMatchObject({
      code: 'Ensemble',
      message: expect.stringContaining('--ensemble 1 --folds 1') as string,
    })
    const plain = await fit(engine, set, small)
    await expect(updateFit(engine, set, plain.fitted, { ensemble: 2 })).rejects.toMatchObject({ code: 'FromOption' })
  })

  test.each([{ ensemble: 3 }, { folds: 3 }, { folds: 'auto' as const }])(
    'stopped in its second training it goes on to the same bits: %j',
    async (option) => {
      const whole = await fit(engine, set, { ...small, ...option })
      const checkpoint = join(folder, 'stopped.checkpoint.safetensors')
      const stop = new AbortController()
      let member = 0
      const stopped = await fit(engine, set, { ...small, ...option }, {
      checkpoint,
      signal: stop.signal,
      onMember: ({ index }) => void (member = index),
      onStep: (state) => void (member === 1 && state.step === 3 && stop.abort()),
    }) // prettier-ignore
      expect(stopped.finished).toBe(false)
      expect((await readCheckpoint(checkpoint)).members).toHaveLength(1)
      const resumed = await resumeFit(engine, set, checkpoint)
      expect(resumed.finished).toBe(true)
      expect(resumed.fitted.parameters).toEqual(whole.fitted.parameters)
      expect(resumed.fitted.stack).toEqual(whole.fitted.stack)
      expect(resumed.fitted.calibration).toEqual(whole.fitted.calibration)
    },
  )

  test('members share the budget: a share of what those before have left', () => {
    const described = { training: { seed: 4, budget: '10s', ensemble: 4 }, ensemble: { members: [] } }
    const data = { channels: 1, train: [], valid: [], scale: { origin: 'first', earliest: 0, span: 1, rate: 1 } } as const
    const took = (seconds: number) => ({ history: [{ seconds }] as never })
    expect(memberTraining(described, data, [])).toMatchObject({ seed: 4, budget: '2.500s' })
    expect(memberTraining(described, data, [took(1)])).toMatchObject({ seed: 5, budget: '3.000s' })
    expect(memberTraining(described, data, [took(1), took(20)])).toMatchObject({ seed: 6, budget: '0.001s' })
    expect(memberTraining({ ...described, training: { ...described.training, budget: 'none' } }, data, []).budget).toBe('none')
  })

  test('a budget of a moment is enough for a model of 5 folds', async () => {
    const { fitted, finished } = await fit(engine, set, { ...small, epochs: 50, folds: 5, budget: '0.01s' })
    expect(finished).toBe(true)
    expect(fitted.ensemble!.members).toHaveLength(5)
    expect(fitted.ensemble!.members.every(({ history }) => history.length < 50)).toBe(true)
  })
})

describe('folds', () => {
  const split = { train: ['a', 'b', 'c', 'd'], valid: ['e'], test: ['f'] }

  test('each series is in one, as even as can be; none is left to validate alone', () => {
    const chosen = chooseFolds(split, false, { folds: 2, seed: 1 })
    expect(chosen.split).toEqual({ train: ['a', 'b', 'c', 'd', 'e'], valid: [], test: ['f'] })
    expect(chosen.folds!.map(({ length }) => length)).toEqual([3, 2])
    expect(chosen.folds!.flat().sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('auto: 5 where few would validate and there are some to train on', () => {
    const auto = { folds: 'auto', seed: 1 } as const
    const some = (count: number, prefix: string): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`)
    expect(chooseFolds({ train: some(20, 't'), valid: some(4, 'v'), test: [] }, false, auto).folds).toHaveLength(5)
    expect(chooseFolds({ train: some(20, 't'), valid: some(5, 'v'), test: [] }, false, auto).folds).toBeUndefined()
    expect(chooseFolds({ train: some(3, 't'), valid: some(1, 'v'), test: [] }, false, auto).folds).toBeUndefined()
    expect(chooseFolds({ train: some(20, 't'), valid: some(2, 'v'), test: [] }, true, auto).folds).toBeUndefined()
    expect(chooseFolds({ train: some(20, 't'), valid: some(4, 'v'), test: [] }, false, auto).said).toContain('only 4 series')
  })

  test.each([
    [{}, 'auto'],
    [{ budget: '1s', patience: 3, testFraction: 0.3, ensemble: 1 }, 'auto'],
    [{ epochs: undefined, validFraction: undefined }, 'auto'],
    [{ epochs: 50 }, 1],
    [{ validFraction: 0.15 }, 1],
    [{ ensemble: 2 }, 1],
    [{ folds: 1 }, 1],
    [{ folds: 'auto', epochs: 50 }, 'auto'],
    [{ folds: 'auto', validFraction: 0.2 }, 'auto'],
    [{ folds: 3, epochs: 50 }, 3],
  ] as const)('of %j: %s', (given, folds) => {
    expect(chooseOptions(given).training.folds).toBe(folds)
  })

  test('by default there are 5 of a small set, and none where the epochs are limited', async () => {
    const { epochs, ...unlimited } = { ...small, budget: '0.01s' }
    const members = async (options: Partial<FitOptions>): Promise<number | undefined> =>
      (await fit(engine, set, options)).fitted.ensemble?.members.length
    expect(await members(unlimited)).toBe(5)
    expect(await members({ ...unlimited, epochs })).toBeUndefined()
    expect(await members({ model: 'gp' })).toBeUndefined()
  })

  test('a limit of epochs that is set anew leaves the folds of a fit that goes on', async () => {
    const checkpoint = join(folder, 'limited.checkpoint.safetensors')
    const stop = new AbortController()
    const { epochs: _, ...unlimited } = small
    await fit(engine, set, unlimited, { checkpoint, signal: stop.signal, onEpoch: () => stop.abort() })
    const { fitted } = await resumeFit(engine, set, checkpoint, { epochs: 2 })
    expect(fitted.ensemble!.members.map(({ history }) => history.length)).toEqual([2, 2, 2, 2, 2])
  })

  test('a model of one training is gone on from as one, whether auto came to it or 1 was said', async () => {
    const few = { ...set, series: set.series.slice(0, 4) }
    const { epochs: _, ...unlimited } = { ...small, budget: '0.01s' }
    const { fitted } = await fit(engine, few, unlimited)
    expect(fitted.ensemble).toBeUndefined()
    const more = await updateFit(engine, set, fitted, { ...unlimited, minSteps: 1 })
    expect(more.fitted.ensemble).toBeUndefined()
    expect(settledOption(fitted, { folds: 1 })).toBeUndefined()
    expect(settledOption(fitted, { folds: 'auto' })).toBeUndefined()
    expect(settledOption(fitted, { folds: 3 })).toEqual({ name: 'folds', now: 3, then: 1 })
  })

  test('what cannot be is refused, with what can', async () => {
    expect(() => chooseFolds(split, false, { folds: 6, seed: 1 })).toThrow('5 series are not kept for testing. Give at most 5.')
    expect(() => chooseFolds(split, true, { folds: 2, seed: 1 })).toThrow('--window none')
    await expect(fit(engine, set, { ...small, folds: 2, ensemble: 2 })).rejects.toMatchObject({ code: 'Option' })
    await expect(fit(engine, set, { ...small, folds: 2, validFraction: 0.3 })).rejects.toMatchObject({ code: 'Option' })
    await expect(fit(engine, set, { ...small, ensemble: 0 })).rejects.toMatchObject({ code: 'Option' })
    await expect(fit(engine, set, { model: 'gp', folds: 2 })).rejects.toThrow('no use for "folds"')
  })

  test('3 series in all: two are folds', async () => {
    const three = { ...set, series: set.series.slice(0, 3) }
    const { fitted } = await fit(engine, three, { ...small, folds: 2 })
    expect(fitted.ensemble!.folds!.map(({ length }) => length)).toEqual([1, 1])
    await expect(fit(engine, three, { ...small, folds: 3 })).rejects.toThrow('Give at most 2.')
  })

  test('a member is validated with its fold, and what is learned of held-out values is of those it did not see', async () => {
    const { fitted, outOfFold } = await fit(engine, set, { ...small, folds: 3 })
    const { folds } = fitted.ensemble!
    expect(outOfFold!.map(({ split: own }) => own.valid)).toEqual(folds)
    for (const { split: own } of outOfFold!) {
      expect([...own.train, ...own.valid].sort()).toEqual([...fitted.split.train].sort())
      expect(own.train.some((id) => own.valid.includes(id))).toBe(false)
    }
    // All ten series that are not kept for testing, where a plain fit has two.
    expect(fitted.stack!.series).toBe(10)
    expect(fitted.calibration!.series).toBe(10)
    expect((await onValidation(engine, set, { fitted, outOfFold }))!.series).toBe(10)
    expect(outOfFold!.every(({ history }) => Number.isFinite(history.at(-1)!.validLoss))).toBe(true)
  })
})
