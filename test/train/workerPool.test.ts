import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { EngineError, UserError } from '../../src/errors.js'
import type { ModelSetup, TrainedName } from '../../src/model/models.js'
import type { SequenceModel } from '../../src/model/sequenceModel.js'
import { constant } from '../../src/nn/parameters.js'
import type { LossTask } from '../../src/train/lossTask.js'
import { createWorkerPool, type WorkerPool, type WorkerPoolOptions } from '../../src/train/workerPool.js'

// Workers here run small scripts that speak the pool's protocol; test/slow/workers.test.ts has the real one.
const folder = mkdtempSync(join(tmpdir(), 'latent-ode-workers-'))
let scripts = 0
const script = (source: string): URL => {
  const path = join(folder, `${++scripts}.mjs`)
  writeFileSync(
    path,
    `import { parentPort, workerData } from 'node:worker_threads'\nconst reply = (message) => parentPort.postMessage(message)\n${source}`,
  )
  return pathToFileURL(path)
}

const solver = { evaluations: 1, accepted: 1, rejected: 0, rows: 1, failed: 0, smallestStep: 1 }
/** A model of three weights whose gradient is beta · w; what it computes itself has the log likelihood −1. */
const model: SequenceModel = {
  name: 'linear',
  specs: { a: { shape: [2], initialise: constant(0) }, b: { shape: [1], initialise: constant(0) } },
  loss: (_, __, ___, { beta }) => ({ loss: beta, logLikelihood: -1, kl: 0, observed: 1, series: 1, solver }),
  gradient: ({ a, b }, _, __, { beta }) => ({
    loss: beta,
    logLikelihood: -1,
    kl: 0,
    observed: 1,
    series: 1,
    solver,
    gradient: { a: Float64Array.from(a!, (w) => beta * w), b: Float64Array.from(b!, (w) => beta * w) },
  }),
  predict: () => [],
}
/** The same for a worker, with the log likelihood −2. */
const helper = `
  const Numbers = workerData.dtype === 'float32' ? Float32Array : Float64Array
  const parameters = new Numbers(workerData.parameters), gradients = new Numbers(workerData.gradients)
  parentPort.on('message', ({ kind, shards }) => reply({ kind: 'done', results: shards.map(({ slot, task: { beta } }) => {
    if (kind === 'gradient') parameters.forEach((w, i) => { gradients[3 * slot + i] = beta * w })
    return { loss: beta, logLikelihood: -2, kl: 0, observed: 1, series: 1, solver: ${JSON.stringify(solver)} }
  }) }))
  reply({ kind: 'ready' })`

const nothing = {
  rows: 0,
  length: 0,
  channels: 1,
  lengths: new Int32Array(0),
  times: new Float64Array(0),
  values: new Float64Array(0),
  mask: new Uint8Array(0),
}
const shards = (...betas: number[]): LossTask[] =>
  betas.map((beta) => ({
    conditioning: nothing,
    targets: nothing,
    objective: 'elbo',
    beta,
    samples: 1,
    noise: { seed: 1, purpose: '', step: 0, series: new Uint32Array(0) },
  }))
const parameters = { a: Float32Array.of(1, 2), b: Float32Array.of(3) }

const pools: WorkerPool[] = []
const open = (source: string | URL, options: Partial<WorkerPoolOptions> = {}): WorkerPool => {
  const pool = createWorkerPool(model, {
    threads: 2,
    engine: 'tfjs',
    dtype: 'float32',
    setup: {} as ModelSetup<TrainedName>,
    startAfter: Infinity,
    script: typeof source === 'string' ? script(source) : source,
    ...options,
  })
  pools.push(pool)
  return pool
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))
afterAll(() => rmSync(folder, { recursive: true }))

describe('sharing', () => {
  test.each([
    [1, [-1, -1, -1, -1, -1]],
    [2, [-2, -1, -2, -1, -2]],
    [3, [-2, -2, -1, -2, -2]],
    [9, [-2, -2, -2, -2, -1]],
  ])('%i threads: results stand in the order of the shards, whoever computed them', async (threads, who) => {
    const pool = open(helper, { threads })
    await pool.ready(5)
    expect(pool.threads).toBe(Math.min(threads, 5))
    const results = await pool.gradients(parameters, shards(1, 2, 3, 4, 5))
    expect(results.map(({ loss }) => loss)).toEqual([1, 2, 3, 4, 5])
    expect(results.map(({ gradient }) => [...gradient['a']!, ...gradient['b']!])).toEqual([
      [1, 2, 3],
      [2, 4, 6],
      [3, 6, 9],
      [4, 8, 12],
      [5, 10, 15],
    ])
    expect(results.map(({ logLikelihood }) => logLikelihood)).toEqual(who)
    expect((await pool.losses(parameters, shards(7, 8))).map(({ loss }) => loss)).toEqual([7, 8])
  })

  test('weights are those of the call, each time', async () => {
    const pool = open(helper)
    await pool.ready(2)
    const first = async (a: number): Promise<number> =>
      (await pool.gradients({ a: Float32Array.of(a, 0), b: Float32Array.of(0) }, shards(1, 1)))[0]!.gradient['a']![0]!
    expect([await first(5), await first(-0.25)]).toEqual([5, -0.25])
  })

  test('nobody waits for a worker that is not ready', async () => {
    const pool = open('setInterval(() => {}, 1000)', { startAfter: -1 })
    for (let i = 0; i < 3; i++)
      expect((await pool.losses(parameters, shards(1, 2))).map(({ logLikelihood }) => logLikelihood)).toEqual([-1, -1])
    expect(pool.threads).toBe(1)
  })

  test('workers join once computing has taken a while, and not for one shard', async () => {
    const pool = open(helper, { startAfter: -1 })
    await pool.losses(parameters, shards(1))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(pool.threads).toBe(1)
    await pool.losses(parameters, shards(1, 2))
    await expect.poll(() => pool.threads, { timeout: 10_000 }).toBe(2)
    expect((await pool.losses(parameters, shards(1, 2))).map(({ logLikelihood }) => logLikelihood)).toEqual([-2, -1])
  })
})

describe('a worker that dies is an error that says so, never a hang', () => {
  const once = (act: string): string => `parentPort.on('message', () => { ${act} }); reply({ kind: 'ready' })`
  const advice = 'What was saved last is whole: go on from there with --resume, and with --threads 1 if it happens again.'
  test.each([
    ['it ends', once('process.exit(3)'), 'ended with exit code 3'],
    ['it throws', once("throw new RangeError('no such row')"), 'failed: no such row'],
    ['it rejects', once("Promise.reject(new Error('late'))"), 'failed: late'],
    [
      'its own code fails',
      once("reply({ kind: 'failed', error: { name: 'TypeError', code: undefined, message: 'x is not a function' } })"),
      'failed with a TypeError: x is not a function',
    ],
  ])('%s', async (_, source, what) => {
    const pool = open(source)
    await pool.ready(2)
    const failing = pool.gradients(parameters, shards(1, 2))
    await expect(failing).rejects.toThrow(EngineError)
    await expect(failing).rejects.toMatchObject({
      code: 'Worker',
      message: `A worker thread that was to compute a part of each batch ${what}. ${advice}`,
    })
    // It stays so.
    await expect(pool.losses(parameters, shards(1, 2))).rejects.toThrow(what)
  })

  test('before it is ready', async () => {
    const pool = open('process.exit(4)', { startAfter: -1 })
    await pool.losses(parameters, shards(1, 2))
    await expect(pool.ready(2)).rejects.toThrow('ended with exit code 4')
    await expect(pool.losses(parameters, shards(1, 2))).rejects.toThrow('ended with exit code 4')
  })

  test('it cannot be loaded', async () => {
    await expect(open(pathToFileURL(join(folder, 'none.mjs'))).ready(2)).rejects.toThrow(/A worker thread .* failed: Cannot find module/)
  })

  test('between two batches', async () => {
    const pool = open(
      "parentPort.on('message', ({ shards }) => { reply({ kind: 'done', results: shards.map(() => ({})) }); setTimeout(() => " +
        "process.exit(5), 20) }); reply({ kind: 'ready' })",
    )
    await pool.ready(2)
    await pool.losses(parameters, shards(1, 2))
    await new Promise((resolve) => setTimeout(resolve, 300))
    await expect(pool.losses(parameters, shards(1, 2))).rejects.toThrow('ended with exit code 5')
  })

  test('one of several, while the others compute', async () => {
    // The first job decides which of them dies: it gets the shard with beta = 1.
    const pool = open(
      "parentPort.on('message', ({ shards }) => { if (shards[0].task.beta === 1) process.exit(6); setTimeout(() => reply({ kind: " +
        "'done', results: shards.map(() => ({})) }), 100) }); reply({ kind: 'ready' })",
      { threads: 3 },
    )
    await pool.ready(3)
    await expect(pool.losses(parameters, shards(1, 2, 3))).rejects.toThrow('ended with exit code 6')
  })

  test('this package’s own errors come through as they were thrown', async () => {
    const pool = open(once(`reply({ kind: 'failed', error: { name: 'UserError', code: 'Engine', message: 'no engine here' } })`))
    await pool.ready(2)
    const failing = pool.losses(parameters, shards(1, 2))
    await expect(failing).rejects.toThrow(UserError)
    await expect(failing).rejects.toMatchObject({ code: 'Engine', message: 'no engine here' })
  })

  test('an error of this thread’s own share comes through, and a worker that dies meanwhile is no second one', async () => {
    const pool = createWorkerPool(
      {
        ...model,
        loss: () => {
          throw new RangeError('mine')
        },
      },
      {
        threads: 2,
        engine: 'tfjs',
        dtype: 'float32',
        setup: {} as ModelSetup<TrainedName>,
        startAfter: Infinity,
        script: script(once('process.exit(7)')),
      },
    )
    pools.push(pool)
    await pool.ready(2)
    await expect(pool.losses(parameters, shards(1, 2))).rejects.toThrow('mine')
  })
})
