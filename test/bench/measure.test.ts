import { afterEach, describe, expect, test, vi } from 'vitest'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { agreement } from '../../bench/agreement.js'
import { engineContestant } from '../../bench/contestants/engine.js'
import { plainContestant } from '../../bench/contestants/plain.js'
import { prototypeContestants } from '../../bench/contestants/prototype.js'
import { torchContestant } from '../../bench/contestants/torch.js'
import type { Contestant } from '../../bench/contest.js'
import { disagreements, main } from '../../bench/main.js'
import { measureItem } from '../../bench/measure.js'
import { benchOptions } from '../../bench/options.js'
import { problemOf } from '../../bench/problems.js'
import { axes, drawScaling, lastPower, measureAxis } from '../../bench/scaling.js'
import { itemTable } from '../../bench/table.js'
import { contestant, scripted } from './support.js'

afterEach(() => void vi.restoreAllMocks())

describe('agreement', () => {
  test('is the largest difference over the largest magnitude, of the worst result', () => {
    const found = agreement(
      { a: Float32Array.of(1, 2), b: Float32Array.of(10, 0.5) },
      { a: Float64Array.of(1, 2), b: Float64Array.of(10, 0) },
    )
    expect(found).toMatchObject({ error: 0.05, worst: 'b', ok: false })
  })

  test.each([
    ['a value that is not finite', Float32Array.of(1, NaN)],
    ['too few values', Float32Array.of(1)],
  ])('%s is infinitely wrong', (_what, values) => {
    expect(agreement({ a: values }, { a: Float64Array.of(1, 2) })).toMatchObject({ error: Infinity, ok: false })
  })

  test('a result that the reference does not know is an error of the benchmark', () => {
    expect(() => agreement({ b: Float32Array.of(1) }, { a: Float64Array.of(1) })).toThrow(/no reference for the result "b"/)
  })
})

describe('measuring', () => {
  const reference = async () => (await measureItem('W1s', [plainContestant()], { seconds: 0.01, rounds: 1 })).entries[0]!

  test('everyone who computes the item agrees with float64: plain loops and the tfjs engine', async () => {
    const contestants = [plainContestant(), engineContestant('tfjs', await tfjsEngine({ backend: 'cpu' }), 1, '')]
    const { entries, failures } = await measureItem('W1s', contestants, { seconds: 0.2, rounds: 2 })
    expect(failures).toEqual([])
    expect(entries.map(({ contestant: name, agreement: { ok } }) => [name, ok])).toEqual([
      ['js', true],
      ['tfjs', true],
    ])
    expect(Object.keys(entries[1]!.timings)).toEqual(['f', 'v', 'p'])
    for (const { timings } of entries)
      for (const { least, lower, median, upper, samples } of Object.values(timings)) {
        expect(least).toBeGreaterThan(0)
        expect([least, lower, median, upper]).toEqual([least, lower, median, upper].sort((a, b) => a - b))
        expect(samples).toBeGreaterThan(0)
      }
    for (const each of contestants) await each.dispose()
  })

  test('a gradient with one wrong number is found, named and counted', async () => {
    const honest = plainContestant()
    const liar: Contestant = {
      ...honest,
      name: 'liar',
      tasks(item, problem) {
        const { f, v } = honest.tasks(item, problem)
        return {
          f: f!,
          v: {
            slice: v!.slice,
            async results() {
              const { params, ...rest } = await v!.results()
              const spoiled = Float64Array.from(params!)
              // The largest, off by a thousandth: ten times what is allowed.
              const at = spoiled.reduce((best, value, i) => (Math.abs(value) > Math.abs(spoiled[best]!) ? i : best), 0)
              spoiled[at]! *= 1.001
              return { ...rest, params: spoiled }
            },
          },
        }
      },
    }
    const result = await measureItem('W1s', [honest, liar], { seconds: 0.05, rounds: 1 })
    expect(result.entries[0]!.agreement.ok).toBe(true)
    expect(result.entries[1]!.agreement).toMatchObject({ ok: false, worst: 'params' })
    expect(result.entries[1]!.agreement.error).toBeCloseTo(1e-3, 5)
    expect(itemTable(result, undefined).join('\n')).toMatch(/liar.*WRONG: 1\.0e-3 in params/)
    expect(disagreements([result], [])).toEqual(['liar at W1s (params, by 1.0e-3)'])
  })

  test('medians and quartiles are over all samples, the ratio is the median over rounds of ratios of medians', async () => {
    const right = { y: await referenceY() }
    // The machine is ten times slower in the second round: the medians suffer, the ratio does not.
    const slow = contestant('js', {
      f: scripted(
        [
          [4, 4, 4],
          [4, 4, 4],
          [40, 40, 40],
          [4, 4, 4],
        ],
        right,
      ),
    })
    const fast = contestant('fast', {
      f: scripted(
        [
          [1, 2, 3],
          [1, 2, 3],
          [10, 20, 30],
          [1, 2, 3],
        ],
        right,
      ),
    })
    const { entries } = await measureItem('W1s', [slow, fast], { seconds: 1, rounds: 3 })
    expect(entries[1]!.timings.f).toMatchObject({ median: 3, least: 1, ratio: 2, samples: 9 })
  })

  test('one who fails is reported, and the others go on', async () => {
    const broken: Contestant = {
      ...plainContestant(),
      name: 'broken',
      tasks() {
        throw new Error('out of order')
      },
    }
    const result = await measureItem('W1s', [broken, plainContestant()], { seconds: 0.01, rounds: 1 })
    expect(result.failures).toEqual([{ contestant: 'broken', reason: 'out of order' }])
    expect(result.entries.map(({ contestant: name }) => name)).toEqual(['js'])
    expect(itemTable(result, 100).join('\n')).toContain('broken: failed: out of order')
  })

  test('shares of the peak count two operations for each weight and row, and three times that with gradients', async () => {
    const { operations } = await measureItem('W1s', [plainContestant()], { seconds: 0.01, rounds: 1 })
    expect(operations).toEqual({ forward: 2 * 32 * (4 * 32 + 32 * 4), gradient: 6 * 32 * (4 * 32 + 32 * 4) })
    expect((await reference()).agreement.ok).toBe(true)
  })

  async function referenceY() {
    const { f } = plainContestant().tasks('W1s', problemOf('W1s'))
    return (await f!.results())['y']!
  }
})

describe('the command', () => {
  const run = async (...args: string[]) => {
    const [out, error] = [vi.spyOn(console, 'log').mockImplementation(() => {}), vi.spyOn(console, 'error').mockImplementation(() => {})]
    const code = await main(args)
    return { code, out: out.mock.calls.flat().join('\n'), error: error.mock.calls.flat().join('\n') }
  }

  test('--json has the shape that others read, and only it on standard output', async () => {
    const { code, out, error } = await run('--items', 'W1s', '--engines', 'js,tfjs', '--seconds', '0.1', '--rounds', '2', '--json')
    expect(code).toBe(0)
    const json = JSON.parse(out) as { items: Record<string, Record<string, Record<string, unknown>>>; train: object; isa: unknown }
    expect(json.train).toEqual({})
    expect(json.isa).toBeNull()
    expect(Object.keys(json.items)).toEqual(['W1s'])
    for (const name of ['js', 'tfjs']) {
      const entry = json.items['W1s']![name]!
      expect(entry['f_us']).toBeGreaterThan(0)
      expect(entry['v_us']).toBeGreaterThan(0)
      expect(entry['agrees']).toBe(true)
      expect(entry['v_quartiles_us']).toHaveLength(2)
    }
    expect(error).toMatch(/W1s: field 4-32-4, batch 32/)
  })

  test.each([
    [['--items', 'W9'], /--items knows no "W9", only W1s, .*toy/],
    [['--engines', 'cuda'], /--engines knows no "cuda", only native, wasm, tfjs, js/],
    [['--seconds=-1'], /--seconds is "-1"; give a positive number/],
    [['--threads', '1.5'], /--threads is "1.5"; give a positive whole number/],
    [['--plot', 'x.svg'], /--plot draws what --scaling measures: give both/],
    [['--fast'], /Unknown option '--fast'[\s\S]*npm run bench -- \[options\]/],
  ])('%j is refused', async (args, message) => {
    const { code, error } = await run(...args)
    expect(code).toBe(2)
    expect(error).toMatch(message)
  })

  test('by default everything is measured, once it is there', () => {
    expect(benchOptions([])).toMatchObject({
      items: ['W1s', 'W1', 'W1l', 'W2', 'W3d', 'W3ds', 'W3', 'W4'],
      training: ['toy', 'hopper', 'physionet'],
      engines: ['native', 'wasm', 'tfjs', 'js'],
      threads: [1, 2],
    })
  })

  test('who cannot be had says why', async () => {
    expect(await torchContestant(1, '/nowhere/python3')).toMatchObject({
      name: 'torch',
      reason: expect.stringMatching(/ENOENT/) as unknown,
    })
    expect(prototypeContestants([1], '/nowhere/prototype')).toEqual([{ name: 'prototype', reason: 'there is no /nowhere/prototype' }])
  })
})

describe('scaling', () => {
  test('the last step up as a power of the size', () => {
    expect(
      lastPower([
        { size: 1, seconds: 100 },
        { size: 10, seconds: 1 },
        { size: 20, seconds: 4 },
      ]),
    ).toBeCloseTo(2, 12)
  })

  test('an axis is measured at all its sizes, and drawn', async () => {
    const engine = await tfjsEngine({ backend: 'cpu' })
    const [rows] = axes
    const small = { ...rows!, cases: [2, 4].map((size) => ({ rows: size, observations: 2, outputs: 2, units: 4, distinct: Infinity })) }
    const points = measureAxis(engine, small, { seconds: 0.1, rounds: 1 })
    engine.dispose()
    expect(points.map(({ size }) => size)).toEqual([2, 4])
    for (const { seconds, rate, evaluations } of points) {
      expect(seconds).toBeGreaterThan(0)
      expect(rate).toBeGreaterThan(0)
      expect(evaluations).toBeGreaterThanOrEqual(6)
    }
    const svg = await drawScaling(axes.flatMap(({ name }) => points.map((point) => ({ ...point, axis: name }))))
    expect(svg).toMatch(/^<svg/)
    for (const { title } of axes) expect(svg).toContain(title)
  })
})
