import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.js'
import { selectEngine } from '../../src/engine/select.js'
import { LatentOdeError, UserError } from '../../src/errors.js'
import { createForecaster } from '../../src/model/createModel.js'
import type { Forecaster } from '../../src/model/sequenceModel.js'
import { random } from '../../src/random.js'
import { decodeCheckpoint } from '../../src/train/checkpoint.js'
import { fit, resumeFit } from '../../src/train/fit.js'
import { forecastBy } from '../../src/train/forecastBy.js'
import { decodeModel, setupOf, writeModel, type FittedModel } from '../../src/train/modelFile.js'
import { eachForecast } from '../../src/train/eachForecast.js'
import { describeForecast } from '../../src/train/predictions.js'
import { mutations, type Json } from '../fuzz/mutators/json.js'
import { sampleSet } from '../report/fittedSample.js'

const set = sampleSet({ series: 8 })
const small = {
  epochs: 3,
  batchSize: 4,
  minSteps: 2,
  latents: 2,
  encoderUnits: 3,
  encoderFieldUnits: 3,
  fieldUnits: 3,
  decoderUnits: 0,
  samples: 1,
  validationSamples: 1,
  transform: 'auto',
  klWarmup: 1,
} as const
/** No read of so small a file may take longer, nor need more memory. Microseconds of the processor: others may be at work beside it. */
const [MICROSECONDS, BYTES] = [1e6, 64 * 2 ** 20]
/** Of the checkpoints that are read, one in so many is gone on with. */
const RESUMED = 40
/** Items of a list are alike: the first will do. */
const alike = (where: string): boolean => /\.[1-9]\d*(\.|$)/.test(where)

let engine: Engine
let folder: string
let path: string
let model: Buffer
let checkpoint: Buffer

beforeAll(async () => {
  engine = await selectEngine('auto')
  folder = await mkdtemp(join(tmpdir(), 'latent-ode-'))
  path = join(folder, 'x.safetensors')
  await writeModel(path, (await fit(engine, set, small)).fitted)
  model = await readFile(path)
  const stop = new AbortController()
  // In the middle of the third epoch: there is a best, a previous, a sum.
  await fit(engine, set, small, {
    checkpoint: path,
    signal: stop.signal,
    onStep: ({ epoch, batch }) => {
      if (epoch === 2 && batch === 1) stop.abort()
    },
  })
  checkpoint = await readFile(path)
}, 60_000)
afterAll(async () => {
  engine.dispose()
  await rm(folder, { recursive: true })
})

type Header = { readonly __metadata__: Record<string, string> } & Record<string, Json>

function headerOf(bytes: Buffer): { header: Header; data: Buffer } {
  const length = Number(bytes.readBigUInt64LE(0))
  return { header: JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Header, data: bytes.subarray(8 + length) }
}

/** The file with another header, which is not padded: readers need no alignment. */
function withHeader(bytes: Buffer, header: string): Buffer {
  const [text, start] = [Buffer.from(header), Buffer.alloc(8)]
  start.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([start, text, headerOf(bytes).data])
}

const withMetadata = (bytes: Buffer, key: string, text: string): Buffer => {
  const { header } = headerOf(bytes)
  return withHeader(bytes, JSON.stringify({ ...header, __metadata__: { ...header.__metadata__, [key]: text } }))
}

/** Reads, within the limits; undefined where the file is refused, by its name and as the user's. */
function read<T>(decode: (bytes: Uint8Array, path: string) => T, bytes: Buffer, what: string): T | undefined {
  const [started, before] = [process.cpuUsage(), process.memoryUsage()]
  try {
    return decode(bytes, 'm.safetensors')
  } catch (error) {
    if (!(error instanceof UserError)) throw new Error(`${what}: ${String(error)}`, { cause: error })
    expect(error.message, what).toMatch(/^m\.safetensors /)
    expect(error.message.length, what).toBeLessThan(500)
    return undefined
  } finally {
    const [after, spent] = [process.memoryUsage(), process.cpuUsage(started)]
    expect(spent.user + spent.system, what).toBeLessThan(MICROSECONDS)
    expect(after.heapTotal + after.arrayBuffers - before.heapTotal - before.arrayBuffers, what).toBeLessThan(BYTES)
  }
}

/** All numbers that a model predicts are finite; series that cannot be predicted say so. */
function expectFinite(fitted: FittedModel, what: string): void {
  const queries = set.series.slice(0, 2).map((series) => ({ series, times: Float64Array.of(series.times[0]!, series.times.at(-1)! + 10) }))
  try {
    const forecasts = forecastBy(modelOf(fitted), fitted, queries, { samples: 3 })
    const said = [
      ...eachForecast(
        forecasts,
        (one) => describeForecast(fitted, one),
        () => {},
      ),
    ]
    for (const { channels } of said) {
      for (const { channel: _, transform: _kind, ...numbers } of channels)
        for (const column of Object.values(numbers)) expect(column.every(Number.isFinite), what).toBe(true)
    }
  } catch (error) {
    if (!(error instanceof LatentOdeError)) throw new Error(`${what}: ${String(error)}`, { cause: error })
  }
}

/** Tracing takes longest. */
const models = new Map<string, Forecaster>()
function modelOf(fitted: FittedModel): Forecaster {
  const setup = setupOf(fitted)
  const key = JSON.stringify(setup)
  const known = models.get(key) ?? createForecaster(engine, setup)
  models.set(key, known)
  return known
}

describe('a model file of which one part is another', () => {
  test('in its description: it is refused, or predicts finite numbers', () => {
    let [tried, refused] = [0, 0]
    for (const { path: where, change, value } of mutations(
      JSON.parse(headerOf(model).header.__metadata__['latent-ode']!) as Json,
      random(1, 'mutations'),
    )) {
      if (alike(where)) continue
      const what = `${where} ${change}`
      const fitted = read(decodeModel, withMetadata(model, 'latent-ode', JSON.stringify(value)), what)
      tried++
      if (fitted === undefined) refused++
      else if (/^(model|channels|time|scale|normalisation)/.test(where)) expectFinite(fitted, what)
    }
    expect(tried).toBeGreaterThan(800)
    expect(refused / tried).toBeGreaterThan(0.7)
  })

  test('in its header: it is refused', () => {
    const { header } = headerOf(model)
    const names = Object.keys(header).filter((name) => name !== '__metadata__')
    const [first, last] = [names[0]!, names.at(-1)!]
    // What is said of two tensors; the others are alike. More than is asked for may be said of one.
    const part: Json = { [first]: header[first]!, [last]: header[last]!, __metadata__: header.__metadata__ }
    for (const { path: where, change, value } of mutations(part, random(1, 'header'))) {
      if (where === '' || (change === 'given a member' && where !== '__metadata__')) continue
      const { [first]: _first, [last]: _last, __metadata__: _metadata, ...rest } = header
      expect(
        read(decodeModel, withHeader(model, JSON.stringify({ ...rest, ...(value as object) })), `${where} ${change}`),
        `${where} ${change}`,
      ).toBeUndefined()
    }
  })
})

describe('a checkpoint of which one part is another', () => {
  test('in its training state: it is refused, or goes on with finite weights from where it was', async () => {
    const { state } = decodeCheckpoint(checkpoint, 'm')
    expect([state.epoch, state.batch, state.step, state.previous !== undefined, state.best !== undefined]).toEqual([2, 1, 5, true, true])
    let [tried, refused] = [0, 0]
    for (const { path: where, change, value } of mutations(
      JSON.parse(headerOf(checkpoint).header.__metadata__['latent-ode-state']!) as Json,
      random(1, 'state'),
    )) {
      const what = `${where} ${change}`
      const bytes = withMetadata(checkpoint, 'latent-ode-state', JSON.stringify(value))
      const found = read(decodeCheckpoint, bytes, what)
      tried++
      if (found === undefined) {
        refused++
        continue
      }
      expect([found.state.epoch, found.state.step >= 3], what).toEqual([2, true])
      if ((tried - refused) % RESUMED > 0) continue
      await writeFile(path, bytes)
      const { fitted, state: after } = await resumeFit(engine, set, path)
      expect(after.epoch, what).toBeGreaterThanOrEqual(2)
      expect(
        Object.values(fitted.parameters).every((weights) => weights.every(Number.isFinite)),
        what,
      ).toBe(true)
    }
    expect(tried).toBeGreaterThan(250)
    expect(refused / tried).toBeGreaterThan(0.6)
  })

  test('in its options: it is refused, or takes steps to finite weights', async () => {
    const description = JSON.parse(headerOf(checkpoint).header.__metadata__['latent-ode']!) as { readonly training: Json }
    let good = 0
    for (const { path: where, change, value } of mutations(description.training, random(1, 'training'))) {
      const what = `training.${where} ${change}`
      const bytes = withMetadata(checkpoint, 'latent-ode', JSON.stringify({ ...description, training: value }))
      if (read(decodeCheckpoint, bytes, what) === undefined || good++ % RESUMED > 0) continue
      await writeFile(path, bytes)
      const stop = new AbortController()
      const { state } = await resumeFit(engine, set, path, {}, { signal: stop.signal, onStep: () => stop.abort() })
      expect(
        Object.values(state.parameters).every((weights) => weights.every(Number.isFinite)),
        what,
      ).toBe(true)
    }
  })
})
