import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCheckpoint } from '../../src/train/checkpoint.js'
import { readModel, type FittedModel } from '../../src/train/modelFile.js'
import { buildProgram, start, type Finished } from '../cli/built.js'
import { run, useFolder } from '../cli/io.js'

// Worker threads run the built package.
const folder = useFolder()
let program: ReturnType<typeof buildProgram>
beforeAll(async () => {
  program = buildProgram()
  await run('simulate', 'oscillators', '--series', '70', '--points', '12', '--out', 'data.csv', '--quiet')
}, 60_000)
afterAll(() => program.remove())

/** 50 series to train on: batches of 32, in two shards, and 18; 20 to validate on, as 40 rows in two shards. */
const small = [
  '--test-fraction',
  '0',
  '--valid-fraction',
  '0.29',
  '--latents',
  '3',
  '--encoder-units',
  '6',
  '--encoder-field-units',
  '6',
  '--field-units',
  '6',
  '--decoder-units',
  '0',
  '--samples',
  '2',
  '--validation-samples',
  '2',
]
const fit = (out: string, ...words: string[]) =>
  start(process.execPath, [program.main, 'fit', 'data.csv', ...small, '--out', out, ...words])
const fitted = async (out: string, ...words: string[]): Promise<FittedModel> => {
  const result = await fit(out, '--quiet', ...words).done
  expect(result).toMatchObject({ code: 0, err: '' })
  return readModel(out)
}
const comparable = ({ parameters, history, keptEpoch }: FittedModel) => ({
  parameters,
  keptEpoch,
  history: history.map(({ seconds: _, ...record }) => record),
})

/** Runs a module against the built package in a process of its own; `package` in it is the package's folder. */
const script = (
  source: string,
  { words = [], env = { ENGINE: 'auto', DTYPE: 'float32' } }: { words?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Finished> => {
  const path = join(folder.path, `${Math.random()}.mjs`)
  writeFileSync(
    path,
    `const load = (name) => import(${JSON.stringify(pathToFileURL(join(dirname(program.main), '..')).href)} + '/' + name + ` +
      `'.js')\n${source}`,
  )
  return start(process.execPath, [...words, path], env).done
}
/** A pool of real workers over a small model, and a batch in four shards. */
const pool = `
  const [{ selectEngine }, { createModel }, { createWorkerPool }, { cutBatch, runHere }, { simulateOscillators }, { observationsOf, select, allRows }, { initialise }, { latentOdeOptions }] = await Promise.all(
    ['engine/select', 'model/createModel', 'train/workerPool', 'train/shards', 'data/simulate/oscillators', 'train/selection', 'nn/parameters', 'model/latentOdeOptions'].map(load))
  const scale = { origin: 'first', earliest: 0, span: 10, rate: 1 }
  const setup = { kind: 'latent-ode', channels: 2, channelWeights: [0.4, 2.5], rate: scale.rate, options: latentOdeOptions.parse({ latents: 3, encoderUnits: 6, encoderFieldUnits: 6, fieldUnits: 6, decoderUnits: 0 }) }
  const engine = await selectEngine(process.env.ENGINE, { dtype: process.env.DTYPE })
  const model = createModel(engine, setup)
  const parameters = initialise(model.specs, 1)
  const rows = simulateOscillators({ count: 70, points: 6 }).series.map((series) => select(series, scale, allRows(series)))
  const shards = cutBatch(rows, 'elbo').map((shard) => ({ conditioning: observationsOf(shard, 2, scale), targets: observationsOf(shard, 2, scale), objective: 'elbo', beta: 1, samples: 2, noise: { seed: 1, purpose: 'noise', step: 0, series: Uint32Array.from(shard, (_, i) => i) } }))
  const options = { engine: engine.name, dtype: engine.dtype, setup, startAfter: Infinity }
`

describe('the same bits for any number of threads', () => {
  test.each([
    ['native', 'float32'],
    ['native', 'float64'],
    ['wasm', 'float32'],
    ['wasm', 'float64'],
    ['tfjs', 'float32'],
  ])('%s %s: losses and gradients of 1, 2, 3 and 4 threads', async (engine, dtype) => {
    const { code, out, err } = await script(
      `${pool}
      const results = []
      for (const threads of [1, 2, 3, 4]) {
        const pool = createWorkerPool(model, { ...options, threads })
        await pool.ready(shards.length)
        const gradients = await pool.gradients(parameters, shards)
        const losses = await pool.losses(parameters, shards)
        results.push({ threads: pool.threads, numbers: [losses.map(({ loss }) => loss), gradients.map(({ loss, gradient }) => [loss, Object.values(gradient).map((g) => [...g])])] })
        await pool.close()
      }
      console.log(JSON.stringify(results))`,
      { env: { ENGINE: engine, DTYPE: dtype } },
    )
    expect([code, err]).toEqual([0, ''])
    const results = JSON.parse(out) as { threads: number; numbers: unknown }[]
    expect(results.map(({ threads }) => threads)).toEqual([1, 2, 3, 4])
    for (const { numbers } of results) expect(numbers).toEqual(results[0]!.numbers)
    expect(JSON.stringify(results[0]!.numbers)).not.toContain('null')
  })

  test('a fit: weights and history', async () => {
    const one = comparable(await fitted('one.model.safetensors', '--epochs', '12', '--threads', '1'))
    for (const threads of ['2', '3'])
      expect(comparable(await fitted(`${threads}.model.safetensors`, '--epochs', '12', '--threads', threads))).toEqual(one)
  })

  test('a fit stopped by Ctrl-C under two threads and gone on with under another number', async () => {
    const words = ['--epochs', '60', '--patience', '0']
    const whole = comparable(await fitted('whole.model.safetensors', ...words, '--threads', '1'))
    const { child, done } = fit('parts.model.safetensors', ...words, '--threads', '2')
    const checkpoint = 'parts.checkpoint.safetensors'
    while (child.exitCode === null && !(existsSync(checkpoint) && (await readCheckpoint(checkpoint)).state.epoch >= 5))
      await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGINT')
    const { code, out } = await done
    expect(code).toBe(130)
    expect(out).toContain('To go on:\n  latent-ode fit data.csv --out parts.model.safetensors --threads 2 --resume')
    const rest = await start(process.execPath, [
      program.main,
      'fit',
      'data.csv',
      '--out',
      'parts.model.safetensors',
      '--threads',
      '1',
      '--resume',
      '--quiet',
    ]).done
    expect(rest).toMatchObject({ code: 0, err: '' })
    expect(comparable(await readModel('parts.model.safetensors'))).toEqual(whole)
  })
})

describe('workers and the process', () => {
  test('they share in a fit: threads there are while it runs', async () => {
    const { code, out } = await script(`${pool}
      const pool = createWorkerPool(model, { ...options, startAfter: 0, threads: 2 })
      for (let i = 0; i < 2000 && pool.threads < 2; i++) { await pool.gradients(parameters, shards); await new Promise((resolve) => setImmediate(resolve)) }
      console.log(pool.threads)`)
    // The pool was not closed: the process ends all the same.
    expect([code, out]).toEqual([0, '2\n'])
  })

  test('one that runs out of memory is an error that says so', async () => {
    writeFileSync(
      join(folder.path, 'greedy.mjs'),
      `
      import { parentPort } from 'node:worker_threads'
      parentPort.on('message', () => { const kept = []; for (;;) kept.push(new Array(1e5).fill({})) })
      parentPort.postMessage({ kind: 'ready' })`,
    )
    const { code, out } = await script(
      `${pool}
      const pool = createWorkerPool(model, { ...options, threads: 2, script: new URL('./greedy.mjs', import.meta.url) })
      await pool.ready(shards.length)
      await pool.gradients(parameters, shards).catch((error) => console.log(error.name, error.code, error.message))`,
      { words: ['--max-old-space-size=150'] },
    )
    expect(out).toBe(
      'EngineError Worker A worker thread that was to compute a part of each batch ran out of memory. What was saved last is whole: ' +
        'go on from there with --resume, and with --threads 1 if it happens again.\n',
    )
    expect(code).toBe(0)
  })

  test('what a model’s computing throws in a worker is thrown here', async () => {
    const { out } = await script(`${pool}
      const pool = createWorkerPool(model, { ...options, threads: 2 })
      await pool.ready(shards.length)
      // Not for this thread's own share.
      await pool.losses(parameters, [{ ...shards[0], targets: undefined }, shards[1]]).catch((error) => console.log(error.name, error.code, error.message))`)
    expect(out).toMatch(/^EngineError Worker A worker thread .* failed with a TypeError: .*undefined.* go on from there with --resume/)
  })

  test('Ctrl-C twice ends at once, with 130', async () => {
    const { child, done } = fit('twice.model.safetensors', '--epochs', '100000', '--patience', '0', '--threads', '2')
    while (child.exitCode === null && !existsSync('twice.checkpoint.safetensors')) await new Promise((resolve) => setTimeout(resolve, 20))
    await new Promise((resolve) => setTimeout(resolve, 1000))
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect((await done).code).toBe(130)
  })
})
