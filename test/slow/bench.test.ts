import { cpSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settings } from '../../bench/train/sets.js'
import { simulatePeriodic } from '../../src/data/simulate/periodic.js'
import { buildProgram, start } from '../cli/built.js'

// `npm run bench` as people start it: TypeScript beside the built package, and children that train.

let built: ReturnType<typeof buildProgram>
let folder: string
beforeAll(() => {
  built = buildProgram()
  folder = join(dirname(built.main), '../..')
  cpSync(fileURLToPath(new URL('../../bench', import.meta.url)), join(folder, 'bench'), { recursive: true })
}, 60_000)
afterAll(() => built.remove())

test('an item and training steps, measured on the built package', async () => {
  const { code, out, err } = await start(process.execPath, [
    join(folder, 'bench/start.mjs'),
    '--items',
    'W1s,toy',
    '--engines',
    'tfjs,js',
    '--threads',
    '1',
    '--seconds',
    '0.2',
    '--rounds',
    '1',
    '--json',
  ]).done
  expect(err).toMatch(/W1s: field[\s\S]*toy: one training step, batch of 50, 3 samples/)
  const json = JSON.parse(out) as { items: { W1s: Record<string, { agrees: boolean }> }; train: { toy: { tfjs: Record<string, unknown> } } }
  expect(json.items.W1s['js']!.agrees).toBe(true)
  expect(json.items.W1s['tfjs']!.agrees).toBe(true)
  const steps = json.train.toy.tfjs
  expect(steps['seconds']).toBeGreaterThan(0)
  expect(steps['rows_per_second']).toBeCloseTo(50 / (steps['seconds'] as number), 6)
  // Node with TensorFlow.js alone takes some 100 MB; no process has a TB.
  expect(steps['peak_memory_mb']).toBeGreaterThan(50)
  expect(steps['peak_memory_mb']).toBeLessThan(1e6)
  expect(steps['losses']).toHaveLength(3)
  expect(code).toBe(0)
}, 180_000)

test('the kernel engines on two threads, but where all rows share their steps', async () => {
  const { code, out, err } = await start(process.execPath, [
    join(folder, 'bench/start.mjs'),
    '--items',
    'W1s,W3ds',
    '--engines',
    'native,wasm',
    '--threads',
    '2',
    '--seconds',
    '0.5',
    '--rounds',
    '1',
    '--json',
  ]).done
  expect(err).toMatch(/native 2t: .*rows cut into 2 shards/)
  const { items } = JSON.parse(out) as { items: Record<string, Record<string, Record<string, unknown>>> }
  for (const name of ['native 2t', 'wasm 2t']) {
    expect(items['W1s']![name]).toMatchObject({
      f_us: expect.any(Number) as unknown,
      v_us: expect.any(Number) as unknown,
      v_packed_us: expect.any(Number) as unknown,
      agrees: true,
    })
    expect(items['W3ds']).not.toHaveProperty(name)
  }
  expect(code).toBe(0)
}, 180_000)

test('peak memory is that of the steps, whatever the process that asks for them holds', async () => {
  const file = join(folder, 'series')
  writeFileSync(file, serialize(simulatePeriodic({ count: 60 })))
  const request = { settings: settings.toy, file, engine: 'native', threads: 1, seconds: 0.2, leastSteps: 3, comparedSteps: 3 }
  // Resident, since written. Twice what the child needs.
  const held = Buffer.alloc(600 * 2 ** 20, 1)
  const { code, out } = await start(process.execPath, [join(folder, 'bench/train/child.mjs'), JSON.stringify(request)]).done
  expect(code).toBe(0)
  const { before, memory } = JSON.parse(out) as { before: number; memory: number }
  expect(memory).toBeGreaterThan(before)
  expect(memory).toBeLessThan(held.length)
}, 60_000)

test('without a built package it says what to do', async () => {
  const alone = join(folder, 'elsewhere')
  cpSync(join(folder, 'bench'), join(alone, 'bench'), { recursive: true })
  const { code, err } = await start(process.execPath, [join(alone, 'bench/start.mjs')]).done
  expect(code).toBe(2)
  expect(err).toMatch(/Run: npm run build/)
})
