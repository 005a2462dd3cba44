import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.js'
import { kernelEngine } from '../../src/engine/kernel/kernelEngine.js'
import { nativeEngine } from '../../src/engine/select.js'
import { openWasmKernel } from '../../src/engine/kernel/wasmKernelFile.js'
import { latentOdeParameters } from '../../src/model/latentOdeConfig.js'
import { latentOdeOf } from '../../src/train/modelFile.js'
import { forecast } from '../../src/train/forecast.js'
import type { Forecast } from '../../src/train/forecastTypes.js'
import { forecastRows } from '../../src/train/forecastRows.js'
import type { SeriesSet } from '../../src/data/series.js'
import { decodeBytes, decodeFloats, encodeBytes, encodeFloats } from '../../src/report/live/base64.js'
import { collectLive } from '../../src/report/live/collectLive.js'
import type { LiveContents } from '../../src/report/live/liveContents.js'
import { openLiveModel, type LiveModel } from '../../src/report/live/liveModel.js'
import { collectReport } from '../../src/report/collect.js'
import { renderReport } from '../../src/report/renderReport.js'
import { buildPage } from '../../scripts/page.mjs'
import { sampleFit, sampleSet } from './fittedSample.js'

const sampling = { samples: 40, seed: 7 }
let native: Engine
beforeAll(async () => {
  native = await nativeEngine()
  await buildPage()
})

/** The model as a page gets it: through JSON, on the kernel that goes into pages. */
async function live(
  set: SeriesSet,
  { weightPower, ...options }: { readonly weightPower?: number; readonly [option: string]: unknown } = {},
): Promise<{
  contents: LiveContents
  model: LiveModel
  forecastOf: (position: number, times: Float64Array, rows?: Int32Array) => Forecast
  rowsOf: (predicted: Forecast) => ReturnType<typeof forecastRows>
}> {
  const found = await sampleFit(native, set, options)
  const fitted = weightPower === undefined ? found : { ...found, weightPower }
  const contents = collectLive(fitted, set.series, sampling)!
  const model = openLiveModel(
    kernelEngine(await openWasmKernel({ instructionSet: 'simd128' })),
    JSON.parse(JSON.stringify(contents)) as LiveContents,
  )
  return {
    contents,
    model,
    forecastOf: (position, times, rows) =>
      [...forecast(native, fitted, [{ series: set.series[position]!, times, ...(rows && { rows }) }], sampling)][0]!,
    rowsOf: (predicted) => forecastRows(predicted, fitted.channels),
  }
}

describe('the model of a page', () => {
  // The engines round differently. At the default tolerance of 1e-3 that decides whether steps of the solver are taken, so that
  // forecasts differ by as much; at 1e-6 they agree to 1e-6 in float32.
  test.each([
    {},
    { ensemble: 2 },
    { weightPower: 0.2 },
    { weightPower: 0.2, ensemble: 2 },
    { origin: 'common', method: 'rk4', timeDependent: true },
    { origin: 'zero', noise: 0.4, transform: 'log' },
    { dynamics: 'second-order' },
    { dynamics: 'gated' },
    { dynamics: 'linear' },
  ] as const)('says what forecast says, to 2e-5, %o', async (options) => {
    const set = sampleSet()
    const { model, forecastOf, rowsOf } = await live(
      set,
      'dynamics' in options && options.dynamics === 'linear' ? options : { ...options, rtol: 1e-6, atol: 1e-7 },
    )
    for (const [position, series] of set.series.slice(0, 4).entries()) {
      const times = Float64Array.from({ length: 12 }, (_, i) => series.times[0]! + 9.7 * i)
      const rows = Int32Array.from({ length: 1 + position }, (_, i) => i)
      const predicted = forecastOf(position, times, rows)
      const expected = rowsOf(predicted)
      const { predictions, posterior } = model.ask({ series, rows, times, channels: [1, 0] })
      predicted.posterior.mean.forEach((mean, i) => expect(Math.abs(posterior.mean[i]! - mean)).toBeLessThan(1e-4))
      for (const row of expected) {
        const [prediction, i] = [predictions[row.channel === 'level' ? 0 : 1]!, times.indexOf(row.time)]
        for (const column of ['mean', 'q05', 'q25', 'q50', 'q75', 'q95'] as const) {
          expect(
            Math.abs(prediction[column][i]! - row[column]),
            `${series.id} ${row.channel} at ${row.time}: ${column} ${row[column]}`,
          ).toBeLessThan(2e-5 * Math.max(row.sd, Math.abs(row[column])))
        }
      }
      const table = model.table({ series, rows, times, channels: [] })
      expect(table).toHaveLength(expected.length)
      table.forEach((row, i) => {
        expect([row.time, row.channel]).toEqual([expected[i]!.time, expected[i]!.channel])
        expect(Math.abs(row.sd / expected[i]!.sd - 1)).toBeLessThan(2e-5)
      })
    }
  })

  test('futures are courses, the same ones when more are asked for, and spread as the bands do', async () => {
    const set = sampleSet()
    const { model } = await live(set)
    const series = set.series[0]!
    const question = { series, rows: Int32Array.of(0, 1), times: Float64Array.of(10, 40, 80), channels: [0, 1] }
    const [twenty] = model.futures(question, 20)
    const [many, logs] = model.futures(question, 400)
    expect(many!.slice(0, 20)).toEqual(twenty)
    expect(logs!.flat().every((value) => value > 0)).toBe(true)
    const { predictions } = model.ask(question)
    // 400 courses without noise lie inside the 90 % band at least as often as values with noise do; 3 standard errors of 0.015.
    const inside = many!.filter((course) => course[1]! > predictions[0]!.q05[1]! && course[1]! < predictions[0]!.q95[1]!).length / 400
    expect(inside).toBeGreaterThan(0.855)
  })

  test('with nothing observed it tells the prior, from where the series begins', async () => {
    const set = sampleSet()
    const { model } = await live(set, { origin: 'first' })
    const series = set.series[0]!
    const ask = (shift: number) => {
      const times = series.times.map((time) => time + shift)
      return model.ask({ series: { ...series, times }, rows: new Int32Array(0), times, channels: [0] })
    }
    const { posterior, predictions } = ask(0)
    expect(Array.from(posterior.mean)).toEqual([0, 0, 0, 0])
    expect(Array.from(posterior.sd)).toEqual([1, 1, 1, 1])
    // Whole numbers: the same distances to the origin, so the same numbers.
    expect(ask(1000).predictions).toEqual(predictions)
  })

  test('holds the weights and the observations as they are', async () => {
    const set = sampleSet()
    const fitted = await sampleFit(native, set)
    const contents = collectLive(fitted, set.series.slice(0, 2), sampling)!
    const weights = decodeFloats(contents.weights)
    const own = Object.keys(latentOdeParameters(latentOdeOf(fitted)!))
    const members = Object.keys(fitted.parameters).filter((name) => name.startsWith('stack.'))
    expect(members.length).toBeGreaterThan(0)
    const flat = [...own, ...members].flatMap((name) => [...fitted.parameters[name]!])
    expect([...weights]).toEqual(flat.map(Math.fround))
    const [first] = contents.series
    const { times, values, mask } = set.series[0]!
    const cells = Array.from(mask.keys()).filter((cell) => mask[cell] === 1)
    expect(first).toEqual({
      id: 's0',
      times: cells.map((cell) => times[cell >> 1]),
      channels: cells.map((cell) => cell & 1),
      values: cells.map((cell) => values[cell]),
    })
  })
})

describe('a report with the model in it', () => {
  test('allows WebAssembly and its script, and nothing else; the model of fifty series of seven channels takes less than 750 kB', async () => {
    const set = sampleSet({ channels: ['a', 'b', 'c', 'd', 'e', 'f', 'g'], series: 50 })
    const fitted = await sampleFit(native, set, {
      epochs: 1,
      latents: 8,
      encoderUnits: 32,
      encoderFieldUnits: 32,
      fieldUnits: 32,
      decoderUnits: 32,
    })
    const contents = collectReport(native, fitted, set, {
      files: { model: 'm', data: 'd' },
      series: 50,
      all: true,
      samples: 10,
      generated: new Date(0),
    })
    const [page, plain] = [await renderReport(contents), await renderReport({ ...contents, live: undefined })]
    // The model takes its part of the 3 MB of a page.
    expect(Buffer.byteLength(page) - Buffer.byteLength(plain)).toBeLessThan(750_000)
    const policyOf = (text: string): string =>
      /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)![1]!.replaceAll('&#39;', "'")
    const scriptsOf = (policy: string): string[] => /script-src ([^;]*)/.exec(policy)![1]!.split(' ')
    expect(scriptsOf(policyOf(page)).filter((part) => !part.startsWith("'sha256-"))).toEqual(["'wasm-unsafe-eval'"])
    const hashes = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(
      ([, text]) => `'sha256-${createHash('sha256').update(text!).digest('base64')}'`,
    )
    expect(scriptsOf(policyOf(page)).filter((part) => part.startsWith("'sha256-"))).toEqual(hashes)
    expect(
      policyOf(page)
        .replace(/script-src [^;]*/, '')
        .replace(/style-src [^;]*/, ''),
    ).toBe("default-src 'none'; ; ; base-uri 'none'; form-action 'none'")
    expect(page.match(/ISC License/)).not.toBeNull()
    expect(page).toContain('JS Foundation and other contributors')
    // Without the model there is no trace of it.
    expect(policyOf(plain)).not.toContain('wasm')
    expect(plain.match(/id="(ask|live)/)).toBeNull()
    expect(page).toContain('the fitted model, with')
    expect(plain).not.toContain('the fitted model, with')
  })
})

describe('base64', () => {
  test('gives back numbers and bytes to the bit', () => {
    const values = Float32Array.of(0, -0, 1.1, -3e38, 1e-45, Number.NaN, Infinity)
    expect(decodeFloats(encodeFloats(values))).toEqual(values)
    const bytes = Uint8Array.from({ length: 257 }, (_, i) => i)
    expect(decodeBytes(encodeBytes(bytes))).toEqual(bytes)
    expect(encodeBytes(bytes)).toBe(Buffer.from(bytes).toString('base64'))
  })
})

describe('the script of a page', () => {
  test('has neither TensorFlow.js nor anything of Node in it', async () => {
    const modules = await buildPage()
    expect(modules.some((path) => path.endsWith('latentOdeFromGraphs.ts'))).toBe(true)
    expect(
      modules.filter((path) => /tensorflow|traceLatentOde|graph\/(trace|record)\.|^node:|zod|wasmKernelFile|nativeKernel/.test(path)),
    ).toEqual([])
    const packages = new Set(modules.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean))
    // Whose licence the page must hold.
    expect([...packages].sort()).toEqual(['luxon', 'simple-statistics'])
    const code = readFileSync(new URL('../../dist/page/live.js', import.meta.url), 'utf8')
    expect(code.match(/registerBackend|KernelBackend|@tensorflow|\brequire\(|\bimport\b\s*[({'"]|process\.env|<\/script/gi)).toBeNull()
    // A page has 3 MB in all; the libraries that draw take 0.9.
    expect(code.length).toBeLessThan(420_000)
  })
})
