import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  compare,
  fit,
  load,
  Model,
  read,
  simulateOscillators,
  toTable,
  type Dataset,
  type EvaluateOptions,
  type SeriesSet,
} from '../../src/index.js'
import { fit as lowFit } from '../../src/train/fit.js'
import { predict } from '../../src/train/predict.js'
import { forecast as lowForecast } from '../../src/train/forecast.js'
import { selectEngine } from '../../src/engine/select.js'
import { useFolder } from '../cli/io.js'

useFolder()
/** Workers run the built package; the tests' own process runs sources. */
const here = { threads: 1 }
const tiny = {
  ...here,
  epochs: 2,
  minSteps: 1,
  samples: 1,
  latents: 2,
  encoderUnits: 4,
  encoderFieldUnits: 4,
  fieldUnits: 4,
  decoderUnits: 0,
} as const
const set = simulateOscillators({ count: 12, points: 6, seed: 4 })
const table = (text: string): Readable => Readable.from([Buffer.from(text)])

/** Daily weights of five patients, from a day on. */
function visits(start: string, patients: readonly string[], hours = false): string {
  const lines = ['patient,day,weight']
  for (const [p, patient] of patients.entries())
    for (let visit = 0; visit < 6; visit++) {
      const at = new Date(Date.parse(start) + 86_400_000 * (3 * visit + p)).toISOString()
      lines.push(`${patient},${hours ? at : at.slice(0, 10)},${70 + 3 * p + Math.sin(visit)}`)
    }
  return `${lines.join('\n')}\n`
}

let model: Model
beforeAll(async () => {
  model = await fit(set, tiny)
})

describe('fit', () => {
  test('gives what the fit below it gives, on the shared engine', async () => {
    const engine = await selectEngine()
    const { fitted } = await lowFit(engine, set, { ...tiny, ...{ threads: undefined } })
    expect(model.fitted.parameters).toEqual(fitted.parameters)
    expect(model.finished).toBe(true)
    engine.dispose()
  })

  test('takes the engine and its scalars as options', async () => {
    const wasm = await fit(set, { ...tiny, engine: 'wasm', dtype: 'float64', epochs: 1 })
    expect(wasm.fitted.engine).toMatch(/^wasm float64/)
    const own = await selectEngine('wasm')
    expect((await fit(set, { ...tiny, engine: own, epochs: 1 })).fitted.engine).toMatch(/^wasm float32/)
    await expect(fit(set, { ...tiny, engine: own, dtype: 'float64' })).rejects.toMatchObject({ code: 'Option' })
    own.dispose()
    await expect(fit(set, { ...tiny, engine: 'gpu' as 'wasm' })).rejects.toThrow('There is no engine "gpu"')
  })

  test('refuses options that are none', async () => {
    await expect(fit(set, { ...tiny, epoch: 3 } as never)).rejects.toThrow('There is no option "epoch". Did you mean "epochs"?')
    await expect(fit(set, { ...tiny, threads: 0 })).rejects.toThrow('The option "threads" is 0, but must be a whole number from 1')
    await expect(fit(set, { ...tiny, epochs: undefined, patience: 0, budget: 'none' })).rejects.toThrow(
      'Nothing would end this training: with no patience (0) and no budget, give a limit of epochs like --epochs 100.',
    )
    await expect(fit(set, { ...tiny, budget: '5 minutes' })).rejects.toMatchObject({ code: 'Option' })
    await expect(fit(set, { resume: 'a', from: 'b' })).rejects.toMatchObject({ code: 'Option' })
  })

  test('stopped, it goes on to the same bits, in this process or from its checkpoint; the model stays as it was', async () => {
    const stop = new AbortController()
    const part = await fit(set, {
      ...tiny,
      epochs: 3,
      checkpoint: 'part.checkpoint.safetensors',
      signal: stop.signal,
      onEpoch: () => stop.abort(),
    })
    expect([part.finished, part.fitted.history.length]).toEqual([false, 1])
    const whole = await fit(set, { ...tiny, epochs: 3 })
    const [resumed, again] = [await part.resume(here), await part.resume(here)]
    expect(resumed.fitted.parameters).toEqual(whole.fitted.parameters)
    expect(again.fitted.parameters).toEqual(whole.fitted.parameters)
    expect(part.fitted.history).toHaveLength(1)
    const fromFile = await fit(set, { ...here, resume: 'part.checkpoint.safetensors' })
    expect(fromFile.fitted.parameters).toEqual(whole.fitted.parameters)
    await expect(fit(set, { resume: 'part.checkpoint.safetensors', latents: 3 })).rejects.toThrow(
      'The option "latents" is 3, but the fit to go on with has 2. Only epochs, budget and patience may change: leave it out.',
    )
    await expect(fit(set, { from: 'part.checkpoint.safetensors' })).rejects.toMatchObject({ code: 'Unfinished' })
  })

  test('finished, it can be given more epochs, or a training of its own', async () => {
    const longer = await model.resume({ ...here, epochs: 3 })
    expect(longer.fitted.parameters).toEqual((await fit(set, { ...tiny, epochs: 3 })).fitted.parameters)
    await expect(model.resume(here)).rejects.toMatchObject({ code: 'Finished' })
    const updated = await fit(set, { ...here, from: model, epochs: 1 })
    expect(updated.notices[0]).toMatch(/^Goes on from a model of 2 epochs/)
    expect(updated.fitted.split).toEqual(model.fitted.split)
  })
})

describe('compare', () => {
  test('ranks models that were fitted and scored alike', async () => {
    const fits: string[] = []
    const result = await compare(set, {
      ...tiny,
      epochs: 1,
      onFit: ({ model: name }) => fits.push(name),
      models: ['ode-rnn', 'latent-ode'],
    })
    expect(fits).toEqual(['ode-rnn', 'latent-ode'])
    expect(result.models).toEqual(fits)
    expect(result.extrapolation!.models.map(({ model: name }) => name)).toEqual(fits)
    // Few series test, so nobody wins.
    expect(result.extrapolation!.winner).toEqual({})
    await expect(compare(set, { models: ['gru' as 'ode-rnn'] })).rejects.toMatchObject({ code: 'Option' })
    await expect(compare(set, { ...here, epoch: 1 } as never)).rejects.toThrow('There is no option "epoch".')
  })
})

describe('evaluate', () => {
  test('without data scores the series that were kept for testing', async () => {
    const result = await model.evaluate({ task: 'extrapolation', samples: 5 })
    expect(result.evaluation).toMatchObject({ task: 'extrapolation', split: 'test', series: model.fitted.split.test.length })
    expect((await model.evaluate(set, { samples: 5 })).evaluation).toEqual(result.evaluation)
    expect((await model.evaluate(simulateOscillators({ count: 3, points: 6, seed: 9 }), { samples: 5 })).evaluation.split).toBe('all')
  })

  test('shown and cut say what is known', async () => {
    const series = model.fitted.split.test.length
    const pointsOf = async (options: EvaluateOptions): Promise<number> =>
      (await model.evaluate({ samples: 2, ...options })).evaluation.points / (series * model.channels.length)
    const rows = set.series[0]!.times.length
    expect(await pointsOf({ task: 'interpolation', shown: 0 })).toBe(rows)
    expect(await pointsOf({ task: 'interpolation', shown: 0.5 })).toBe(rows / 2)
    expect(await pointsOf({ task: 'extrapolation', cut: '0 rows' })).toBe(rows)
    expect(await pointsOf({ cut: 'next 2' })).toBe(2)
    expect(
      await pointsOf({ task: 'extrapolation', cut: `at ${set.series[0]!.times.at(-1)! + 1e6}` }).catch(({ code }) => code as number),
    ).toBe('TooShort')
    await expect(model.evaluate({ shown: 0.3 })).rejects.toMatchObject({ code: 'Option' })
    await expect(model.evaluate({ cut: 'half' })).rejects.toMatchObject({ code: 'BadCut' })
    await expect(model.evaluate({ task: 'extrapolation', observed: 0.3 } as never)).rejects.toThrow('evaluate has no option "observed".')
    await expect(fit(set, { ...tiny, shown: 0.3 })).rejects.toThrow(
      'The option "shown" is 0.3, but only --conditioning interpolation has a use for it, and conditioning is mixed.',
    )
    await expect(fit(set, { ...tiny, conditioning: 'extrapolation', cut: 'half' })).rejects.toMatchObject({ code: 'BadCut' })
  })

  test('is printed as scores', async () => {
    const text = inspect(await model.evaluate({ task: 'interpolation', samples: 5 }))
    expect(text).toContain("task: 'interpolation'")
    expect(text).not.toContain('normalisedObserved')
  })
})

describe('predict', () => {
  test('gives the numbers of the prediction below it, as a table, and as a file', async () => {
    const forecast = await model.predict(set, { horizon: 2, points: 5, samples: 5 })
    const engine = await selectEngine()
    const below = predict(engine, model.fitted, set, { horizon: 2, points: 5, samples: 5 })
    engine.dispose()
    expect(forecast.series).toEqual(below.series)
    expect(forecast.table().objects()).toEqual(toTable(below).objects())
    expect(toTable(forecast).objects()).toEqual(toTable(below).objects())
    await forecast.save('forecast.csv')
    expect(readFileSync('forecast.csv', 'utf8').split('\n')[0]).toContain('id,time,channel,mean,sd')
  })

  test('at: a time that was asked for, or any other, by id, name and time', async () => {
    const forecast = await model.predict(set, { times: [1, 2], samples: 20 })
    const [id, series] = ['3', set.series.find((one) => one.id === '3')!]
    expect(forecast.at(id, 'velocity', 2).mean).toBeCloseTo(forecast.series.find((one) => one.id === id)!.channels[1]!.mean[1], 6)
    const engine = await selectEngine()
    const [alone] = lowForecast(engine, model.fitted, [{ series, times: Float64Array.of(1.5) }], { samples: 20 })
    expect(forecast.at(id, 'velocity', 1.5).quantile(0.9)).toBe(alone!.distribution(0, 1).quantile(0.9))
    engine.dispose()
  })

  test('at: what is asked for is checked', async () => {
    const forecast = await model.predict(set, { ids: ['3', '4'], times: [1], samples: 2 })
    expect(() => forecast.at('5', 'velocity', 1)).toThrow('This forecast has no series "5". There are 3, 4.')
    expect(() => forecast.at(3 as never, 'velocity', 1)).toThrow('This forecast has no series 3. There are 3, 4.')
    expect(() => forecast.at('3', 'velocty', 1)).toThrow('The model has no channel "velocty". There are position, velocity.')
    const all = await model.predict(set, { times: [1], samples: 2 })
    expect(() => all.at('111', 'velocity', 1)).toThrow('This forecast has no series "111". Did you mean "11"?')
    expect(() => forecast.at('3', 1 as never, 1)).toThrow('The model has no channel 1. There are position, velocity.')
    expect(() => forecast.at('3', 'velocity', '2024-01-01')).toThrow('is a date, and times here are plain numbers')
    expect(() => forecast.at('3', 'velocity', new Date(0))).toThrow('is a Date, and times here are plain numbers')
    expect(() => forecast.at('3', 'velocity', NaN)).toThrow('is no finite number')
    expect(() => forecast.paths(0)).toThrow('sample paths')
  })

  test('options that are none are refused, of evaluate too', async () => {
    await expect(model.predict(set, { horizons: 3 } as never)).rejects.toThrow('predict has no option "horizons". Did you mean "horizon"?')
    await expect(model.evaluate(set, { taks: 'interpolation' } as never)).rejects.toThrow(
      'evaluate has no option "taks". Did you mean "task"?',
    )
  })

  test('at: where the solver fails, the error names the series and the time', async () => {
    const { fitted } = model
    const short = new Model({ ...fitted, model: { ...fitted.model, rtol: 1e-7, atol: 1e-9, maxSteps: 40 } })
    const forecast = await short.predict(set, { horizon: 0, points: 2 })
    const { id } = forecast.series[0]!
    expect(() => forecast.at(id, 'position', 1e5)).toThrow(
      expect.objectContaining({
        code: 'NoForecast',
        message: expect.stringContaining(`The series "${id}" cannot be forecast at 100000: `) as string,
      }) as Error,
    )
  })

  test('paths: joint over times and channels, of every series', async () => {
    const forecast = await model.predict(set, { times: [1, 2, 3], samples: 4 })
    const { paths } = forecast.paths(6)
    expect(paths.map(({ id }) => id)).toEqual(set.series.map(({ id }) => id))
    expect(paths[0]!.values).toHaveLength(6 * 3 * 2)
    expect(toTable(forecast.paths(6)).numRows()).toBe(12 * 6 * 3 * 2)
    const engine = await selectEngine()
    expect(forecast.paths(6).paths).toEqual(predict(engine, model.fitted, set, { times: [1, 2, 3], samples: 4, paths: 6 }).paths!.paths)
    engine.dispose()
  })

  test("times by series, and quantiles of one's own", async () => {
    const times = new Map([
      ['4', [2, 1]],
      ['3', [5]],
    ])
    const forecast = await model.predict(set, { times, quantiles: [0.1], samples: 4 })
    expect(forecast.series.map(({ id, times: at }) => [id, ...at])).toEqual([
      ['4', 1, 2],
      ['3', 5],
    ])
    expect(forecast.table().columnNames()).toContain('q10')
    const wanted = { ...set, series: set.series.slice(0, 2) }
    const same = await model.predict(set, { times: wanted, samples: 4 })
    expect(same.series.map(({ times: at }) => [...at])).toEqual(wanted.series.map(({ times: at }) => [...at]))
  })
})

describe('dates', () => {
  const patients = ['a', 'b', 'c', 'd', 'e', 'f']
  let dated: Model
  let first: Dataset
  beforeAll(async () => {
    first = await read(table(visits('2024-03-01', patients)), { id: 'patient', time: 'day' })
    dated = await fit(first, { ...tiny, origin: 'common' })
  })

  test('a time may be a text or a Date', async () => {
    const forecast = await dated.predict(first, { times: ['2024-03-20', new Date('2024-03-22')], samples: 5 })
    expect(forecast.table().array('time').slice(0, 2)).toEqual([new Date('2024-03-20'), new Date('2024-03-22')])
    const mean = forecast.at('a', 'weight', '2024-03-20').mean
    expect(forecast.at('a', 'weight', new Date('2024-03-20')).mean).toBe(mean)
    expect(Number.isFinite(forecast.at('a', 'weight', '2024-03-21').sd)).toBe(true)
    expect(() => forecast.at('a', 'weight', 20)).toThrow('times here are dates')
    expect(() => forecast.at('a', 'weight', new Date('none'))).toThrow('Invalid Date')
  })

  test('a horizon may have a unit', async () => {
    const forecast = await dated.predict(first, { ids: ['a'], horizon: '2 weeks', points: 2, samples: 2 })
    expect(forecast.table().array('time').at(-1)).toEqual(new Date('2024-03-30'))
  })

  test('data that were read by themselves are counted as the model counts', async () => {
    // Another first day, and times of day: another epoch, and another unit.
    const part = await read(table(visits('2024-03-02', ['b'], true)), { id: 'patient', time: 'day' })
    const same = await read(table(visits('2024-03-01', patients)), { id: 'patient', time: 'day' })
    const moved: SeriesSet = {
      ...same,
      series: same.series.filter(({ id }) => id === 'b').map((one) => ({ ...one, values: part.series[0]!.values })),
    }
    expect(part.time).not.toEqual(first.time)
    const at = { times: ['2024-03-25'], samples: 5 }
    const [one, other] = [await dated.predict(part, at), await dated.predict(moved, at)]
    expect(one.at('b', 'weight', '2024-03-25').mean).toBeCloseTo(other.at('b', 'weight', '2024-03-25').mean, 5)
  })

  test('times of another kind are refused', async () => {
    await expect(dated.predict({ ...set, channels: ['weight', 'x'] })).rejects.toThrow(
      'The times of the data are plain numbers, those that the model was fitted to are dates.',
    )
  })
})

describe('files', () => {
  test('save and load; what a model of a file cannot do says what to do', async () => {
    await model.save('m.model.safetensors')
    const loaded = await load('m.model.safetensors')
    expect(loaded.fitted).toEqual(model.fitted)
    await expect(loaded.evaluate({ task: 'extrapolation' })).rejects.toThrow('Give them: model.evaluate(data, { … }).')
    await expect(loaded.resume()).rejects.toThrow('fit(data, { from: model })')
    expect((await fit(set, { ...here, from: 'm.model.safetensors', epochs: 1 })).fitted.history).toHaveLength(1)
    expect(inspect(loaded)).toBe('Model { latent-ode of position, velocity; epoch 2 of 2; fitted to 8 series }')
  })

  test('report: one page, under the names of the files', async () => {
    writeFileSync('own.csv', visits('2024-03-01', ['a', 'b', 'c', 'd']))
    const own = await read('own.csv', { id: 'patient', time: 'day' })
    const fitted = await fit(own, tiny)
    await fitted.save('own.model.safetensors')
    await fitted.report(own, 'own.html', { samples: 5, series: 1, horizon: '3 days', live: false })
    expect(readFileSync('own.html', 'utf8')).toContain('<title>A latent ODE of own.csv</title>')
    await expect(fitted.report(own, 'own.pdf')).rejects.toMatchObject({ code: 'ReportFormat' })
    expect(existsSync('own.pdf')).toBe(false)
  })

  test('read: what was done is said', async () => {
    const data = await read(table('id,time,x,sex\np,0,1,f\np,1,2,f\n'))
    expect(data.series).toHaveLength(1)
    expect(data.notices.some((text) => text.startsWith('Left out the column "sex"'))).toBe(true)
    expect(data.columns.numRows()).toBe(2)
  })
})
