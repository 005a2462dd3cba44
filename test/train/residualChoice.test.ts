import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { SeriesSet } from '../../src/data/series.js'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import { selectEngine } from '../../src/engine/select.js'
import { createModel } from '../../src/model/createModel.js'
import { random } from '../../src/random.js'
import { ConditionedProcess } from '../../src/statespace/condition.js'
import { kernels, type KernelName } from '../../src/statespace/kernel.js'
import { readCheckpoint } from '../../src/train/checkpoint.js'
import { fit, resumeFit, trainingData } from '../../src/train/fit.js'
import type { ModelDescription } from '../../src/train/modelFile.js'
import type { FitOptions } from '../../src/train/options.js'
import { betterOf } from '../../src/train/residualChoice.js'
import { trainedSetup } from '../../src/train/trainedSetup.js'

const folder = mkdtempSync(join(tmpdir(), 'residual-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Smallest sizes, and an end soon after the loss is at rest. */
const small: Partial<FitOptions> = {
  latents: 2,
  encoderUnits: 4,
  encoderFieldUnits: 4,
  fieldUnits: 4,
  decoderUnits: 0,
  minSteps: 5,
  klWarmup: 0,
  patience: 2,
  learningRateFloor: 0.2,
  budget: 'none',
  folds: 1,
  stack: 'none',
  calibrate: false,
}
const engine = await selectEngine()

/** Series that are nothing but draws of a process, each with values at its own times. */
function draws(name: KernelName, count: number, points: number): SeriesSet {
  const { time, idColumn, timeColumn } = simulateOscillators({ count: 1, points: 4, seed: 1 })
  const series = Array.from({ length: count }, (_, i) => {
    const stream = random(9, name, i)
    const times = Float64Array.from({ length: points }, () => stream.uniform()).sort()
    const process = new ConditionedProcess(kernels[name], { variance: 1, length: 0.15 }, [], new Float64Array(0), times)
    return { id: `s${String(i).padStart(3, '0')}`, times, values: process.draw([], stream), mask: new Uint8Array(points).fill(1) }
  })
  return { channels: ['x'], time, idColumn, timeColumn, series }
}

describe('a residual process that is auto', () => {
  const oscillators = simulateOscillators({ count: 20, points: 6, seed: 2 })
  const kernelOf = async (options: Partial<FitOptions>): Promise<unknown> => {
    const { fitted } = await fit(engine, oscillators, { ...small, ...options })
    return 'residual' in fitted.model && fitted.model.residual
  }

  test('is ou with a limit of epochs, without validation series, in an ensemble: there is one training of each', async () => {
    expect(await kernelOf({ epochs: 2 })).toBe('ou')
    expect(await kernelOf({ validFraction: 0, budget: '0.3s' })).toBe('ou')
    expect(await kernelOf({ ensemble: 2, patience: 1 })).toBe('ou')
  })

  test('is none to find out where no channel can have one', async () => {
    const told: object[] = []
    await fit(engine, oscillators, { ...small, likelihood: 'student-t' }, { onMember: (member) => told.push(member) })
    expect(told).toEqual([])
  })

  test('becomes car2 for smooth courses, whose forecasts it makes better; its epochs follow those of the first training', async () => {
    const set = draws('matern32', 40, 25)
    const notices: string[] = []
    const { fitted, state } = await fit(engine, set, small, { onNotice: (text) => notices.push(text) })
    expect(fitted.model).toMatchObject({ residual: 'car2' })
    const said = notices.find((text) => text.includes('residual'))!
    const [after, before] = [...said.matchAll(/-?\d+\.\d+/g)].map(([number]) => Number(number)) as [number, number]
    // The exact gap of the two kernels for such courses is far above this.
    expect(before - after).toBeGreaterThan(0.05)
    expect(fitted.history.map(({ epoch }) => epoch)).toEqual(fitted.history.map((_, i) => i + 1))
    expect(state!.epoch).toBe(fitted.history.length)
    expect(fitted.parameters['residual.smoothness']).toHaveLength(1)
    const plain = await fit(engine, set, { ...small, residual: 'ou' })
    expect(fitted.history.slice(0, plain.fitted.history.length).map(({ validLoss }) => validLoss)).toEqual(
      plain.fitted.history.map(({ validLoss }) => validLoss),
    )
    expect(fitted.keptEpoch).toBeGreaterThan(plain.fitted.history.length)
  })

  test('stays what it is where the other forecasts no better', async () => {
    const set = draws('ou', 40, 25)
    const { fitted } = await fit(engine, set, { ...small, residual: 'ou' })
    const { history, keptEpoch, parameters, ...described } = fitted
    const model = createModel(engine, trainedSetup(described as ModelDescription))
    const trained = { model, described: fitted, member: { seed: 1, history, keptEpoch, parameters } }
    // Far too sure of what it says.
    const sure = {
      ...parameters,
      'noise.raw': parameters['noise.raw']!.map(() => -9),
      'residual.spread': parameters['residual.spread']!.map(() => -9),
    }
    const worse = { ...trained, member: { ...trained.member, parameters: sure } }
    const data = trainingData(set, fitted)
    expect(betterOf(engine, trained, worse, data).better).toBe(trained)
    expect(betterOf(engine, trained, worse, data).said).toMatch(/^The residual process is ou; car2 did no better/)
    expect(betterOf(engine, trained, trained, data).better).toBe(trained)
    expect(betterOf(engine, worse, trained, data).better.member.keptEpoch).toBe(history.length + keptEpoch)
  })

  test('stopped in the second training, it goes on to the same bits', async () => {
    const set = draws('matern32', 30, 12)
    const whole = await fit(engine, set, small)
    const checkpoint = join(folder, 'c.safetensors')
    const stop = new AbortController()
    let steps = -Infinity
    const stopped = await fit(engine, set, small, {
      checkpoint,
      signal: stop.signal,
      onMember({ index }) {
        if (index === 1) steps = 0
      },
      onStep() {
        if (++steps === 7) stop.abort()
      },
    })
    expect(stopped.finished).toBe(false)
    expect((await readCheckpoint(checkpoint)).described.model).toMatchObject({ residual: 'auto' })
    const resumed = await resumeFit(engine, set, checkpoint)
    expect(resumed.finished).toBe(true)
    expect(resumed.fitted.model).toEqual(whole.fitted.model)
    expect(resumed.fitted.parameters).toEqual(whole.fitted.parameters)
  })

  test('shares the time: the first training leaves a third of it', async () => {
    const { fitted } = await fit(engine, draws('matern32', 30, 12), { ...small, patience: 1000, budget: '1.5s' })
    const seconds = fitted.history.reduce((sum, record) => sum + record.seconds, 0)
    expect(seconds).toBeLessThan(3)
    expect(fitted.model).not.toMatchObject({ residual: 'auto' })
  })
})
