import { afterAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.js'
import { nativeEngine, wasmEngine } from '../../src/engine/select.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { createOptimiser, zeroMoments, type OptimiserOptions } from '../../src/train/optimiser.js'
import { referenceEngine } from '../reference/engine.js'

const plain: OptimiserOptions = { optimiser: 'adam', weightDecay: 0 }
const engines: Record<string, () => Engine | Promise<Engine>> = {
  reference: () => referenceEngine(),
  native: () => nativeEngine(),
  'native float64': () => nativeEngine({ dtype: 'float64' }),
  wasm: () => wasmEngine(),
  tfjs: () => tfjsEngine(),
}

/** Weights (1, −2) and (0.5), before any update. */
const start = () => {
  const parameters = { a: Float64Array.of(1, -2), b: Float64Array.of(0.5) }
  return { parameters, moments: zeroMoments(parameters), updates: 0 }
}
/** A matrix and a bias. */
const shapes = { a: [2, 1], b: [1] }
const close = (actual: ArrayLike<number>, expected: readonly number[], digits: number): void =>
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, digits))

describe.each(Object.entries(engines))('%s', (_name, open) => {
  let opened: Engine | undefined
  const engine = async (): Promise<Engine> => (opened ??= await open())
  afterAll(() => opened?.dispose())
  // float32 tells 1 + 1.2e-7 from 1.
  const digits = async (): Promise<number> => ((await engine()).dtype === 'float32' ? 6 : 13)

  test('two updates of Adam, by hand', async () => {
    const state = start()
    const adam = createOptimiser(await engine(), shapes, plain)
    expect(adam.receive([{ gradient: { a: [3, -4], b: [0] }, weight: 1 }])).toBeCloseTo(5, 5)
    adam.update(state, state, 0.1, Infinity)
    // m / (1 − 0.9) = g, v / (1 − 0.999) = g²: a step of the learning rate against the sign of g, but for epsilon.
    const first = [1 - 0.3 / (3 + 1e-8), -2 + 0.4 / (4 + 1e-8)] as const
    close(state.parameters.a, first, await digits())
    close(state.parameters.b, [0.5], await digits())
    close(state.moments.first.a!, [0.3, -0.4], await digits())
    close(state.moments.second.a!, [0.009, 0.016], await digits())
    adam.receive([{ gradient: { a: [1, 0], b: [2] }, weight: 1 }])
    adam.update(state, state, 0.1, Infinity)
    // m = 0.9 · 0.3 + 0.1 · 1 = 0.37 over 1 − 0.81; v = 0.999 · 0.009 + 0.001 = 0.009991 over 1 − 0.998001.
    const step = (m: number, v: number): number => (0.1 * (m / 0.19)) / (Math.sqrt(v / 0.001999) + 1e-8)
    close(state.parameters.a, [first[0] - step(0.37, 0.009991), first[1] - step(-0.36, 0.015984)], await digits())
    close(state.parameters.b, [0.5 - step(0.2, 0.004)], await digits())
  })

  test('two updates of Adamax, by hand', async () => {
    const state = start()
    const adamax = createOptimiser(await engine(), shapes, { ...plain, optimiser: 'adamax' })
    for (const gradient of [
      { a: [3, -4], b: [0.5] },
      { a: [1, -6], b: [0] },
    ]) {
      adamax.receive([{ gradient, weight: 1 }])
      adamax.update(state, state, 0.1, Infinity)
    }
    // u = max(0.999 u, |g|): 3 · 0.999, 6, 0.5 · 0.999.
    close(state.moments.second.a!, [2.997, 6], await digits())
    const step = (m: number, u: number, bias: number): number => (0.1 / bias) * (m / (u + 1e-8))
    close(
      state.parameters.a,
      [1 - step(0.3, 3, 0.1) - step(0.37, 2.997, 0.19), -2 - step(-0.4, 4, 0.1) - step(-0.96, 6, 0.19)],
      await digits(),
    )
    close(state.parameters.b, [0.5 - step(0.05, 0.5, 0.1) - step(0.045, 0.4995, 0.19)], await digits())
  })

  test('parts are added by their weights; the norm is of the sum, and clipping scales the sum to its limit', async () => {
    const state = start()
    const clipped = createOptimiser(await engine(), shapes, plain)
    // 0.75 (4, 0, 0) + 0.25 (0, −16, 0) = (3, −4, 0)
    expect(
      clipped.receive([
        { gradient: { a: [4, 0], b: [0] }, weight: 0.75 },
        { gradient: { a: [0, -16], b: [0] }, weight: 0.25 },
      ]),
    ).toBeCloseTo(5, 5)
    clipped.update(state, state, 0.1, 0.5)
    close(state.moments.first.a!, [0.03, -0.04], await digits())
  })

  test('what it moves to may lie elsewhere: then nothing changes where it moves from', async () => {
    const [before, after, alone] = [start(), start(), start()]
    const adam = createOptimiser(await engine(), shapes, plain)
    for (const gradient of [{ a: [3, -4], b: [0.5] }]) adam.receive([{ gradient, weight: 1 }])
    adam.update(before, after, 0.1, Infinity)
    adam.update(alone, alone, 0.1, Infinity)
    expect(before).toEqual(start())
    expect(after).toEqual(alone)
    expect(after.updates).toBe(1)
  })

  test('the decay of the weights is apart from the gradient; biases have none', async () => {
    const state = start()
    const decaying = createOptimiser(await engine(), shapes, { ...plain, weightDecay: 0.5 })
    expect(decaying.receive([{ gradient: { a: [0, 0], b: [0] }, weight: 1 }])).toBe(0)
    decaying.update(state, state, 0.1, Infinity)
    close(state.parameters.a, [0.95, -1.9], await digits())
    close(state.parameters.b, [0.5], 15)
    close(state.moments.first.a!, [0, 0], 15)
  })

  test('two updates of AdamW, by hand', async () => {
    const state = start()
    const adamW = createOptimiser(await engine(), shapes, { ...plain, weightDecay: 0.5 })
    for (const gradient of [
      { a: [3, -4], b: [-2] },
      { a: [3, -4], b: [-2] },
    ]) {
      adamW.receive([{ gradient, weight: 1 }])
      adamW.update(state, state, 0.1, Infinity)
    }
    // The moments' bias corrected, m is g and v is g²: each step takes 0.1 · 0.5 of the weight and moves it by 0.1 against the sign of g.
    close(state.parameters.a, [(1 * 0.95 - 0.1) * 0.95 - 0.1, (-2 * 0.95 + 0.1) * 0.95 + 0.1], 6)
    close(state.parameters.b, [0.5 + 0.1 + 0.1], 6)
  })

  test('the norm of a large gradient is finite, that of one that is not is not', async () => {
    const adam = createOptimiser(await engine(), shapes, plain)
    expect(adam.receive([{ gradient: { a: [3e30, -4e30], b: [0] }, weight: 1 }]) / 5e30).toBeCloseTo(1, 5)
    for (const bad of [NaN, Infinity, -Infinity])
      expect(adam.receive([{ gradient: { a: [1, bad], b: [0] }, weight: 1 }])).not.toBeLessThan(Infinity)
  })

  test('nothing is left in the engine but the gradient received last', async () => {
    const own = await open()
    const live = 'live' in own ? (own.live as () => number) : undefined
    if (live) {
      const adam = createOptimiser(own, shapes, plain)
      const state = start()
      const counts = Array.from({ length: 3 }, () => {
        adam.receive([{ gradient: { a: [1, 2], b: [3] }, weight: 1 }])
        adam.update(state, state, 0.1, Infinity)
        return live()
      })
      expect(counts).toEqual([1, 1, 1])
    }
    own.dispose()
  })
})
