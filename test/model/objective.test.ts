import { describe, expect, test } from 'vitest'
import { evaluateObjective, objectives, type ObjectiveInputs } from '../../src/model/objective.js'
import { random } from '../../src/random.js'

/**
 * A linear-Gaussian model in which everything is known: z ~ N(0, 1), x | z ~ N(a z, s²), q = N(m, v²).
 * Then x ~ N(0, a² + s²) and the exact posterior is N(a x / (a² + s²), s² / (a² + s²)).
 */
const [a, s, x] = [1.3, 0.7, 0.9]
const logNormal = (value: number, mean: number, sd: number): number =>
  -0.5 * ((value - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI)
const exact = logNormal(x, 0, Math.hypot(a, s))
const posterior = { m: (a * x) / (a * a + s * s), v: s / Math.hypot(a, s) }

function linearGaussian({ m, v }: { m: number; v: number }, noise: readonly number[]): ObjectiveInputs {
  const z = noise.map((e) => m + v * e)
  return {
    series: 1,
    samples: noise.length,
    latents: 1,
    beta: 1,
    observed: Float64Array.of(1),
    logLikelihood: Float64Array.from(z, (zk) => logNormal(x, a * zk, s)),
    logRatio: Float64Array.from(z, (zk) => logNormal(zk, 0, 1) - logNormal(zk, m, v)),
    kl: Float64Array.of(0.5 * (m * m + v * v - 1) - Math.log(v)),
  }
}

describe('bounds on the linear-Gaussian model', () => {
  // The log likelihood is quadratic in the noise, so noise of -1 and 1 gives its expectation exactly.
  const elbo = (q: { m: number; v: number }): number => -evaluateObjective('elbo', linearGaussian(q, [-1, 1])).loss

  test('the ELBO is log p(x) at the exact posterior', () => {
    expect(elbo(posterior)).toBeCloseTo(exact, 12)
  })

  test('the ELBO is lower elsewhere, by KL(q || posterior)', () => {
    for (const q of [
      { m: 0, v: 1 },
      { m: posterior.m + 0.4, v: posterior.v },
      { m: posterior.m, v: 2 * posterior.v },
      { m: -1, v: 0.1 },
    ]) {
      const gap = Math.log(posterior.v / q.v) + (q.v ** 2 + (q.m - posterior.m) ** 2) / (2 * posterior.v ** 2) - 0.5
      expect(exact - elbo(q)).toBeCloseTo(gap, 12)
    }
  })

  test('the IWAE bound is log p(x) at the exact posterior for any sample', () => {
    const noise = Array.from({ length: 5 }, () => random(1, 'iwae').normal())
    expect(-evaluateObjective('iwae', linearGaussian(posterior, noise)).loss).toBeCloseTo(exact, 12)
  })

  test('elsewhere, in expectation, the IWAE bound lies between the ELBO and log p(x), higher with more samples', () => {
    const q = { m: 0.2, v: 0.9 }
    const stream = random(2, 'iwae')
    const repeats = 20_000
    const mean = (samples: number): number => {
      let sum = 0
      for (let i = 0; i < repeats; i++)
        sum -= evaluateObjective(
          'iwae',
          linearGaussian(
            q,
            Array.from({ length: samples }, () => stream.normal()),
          ),
        ).loss
      return sum / repeats
    }
    // The standard error of each mean is below 0.006.
    const [one, five, twenty] = [mean(1), mean(5), mean(20)]
    expect(Math.abs(one - elbo(q))).toBeLessThan(0.03)
    expect(five).toBeGreaterThan(one + 0.05)
    expect(twenty).toBeGreaterThan(five)
    expect(twenty).toBeLessThan(exact + 0.01)
  })

  test('the released formula is no bound: more samples raise it above log p(x)', () => {
    const noise = Array.from({ length: 50 }, (_, i) => Math.sin(i))
    expect(-evaluateObjective('rubanova', linearGaussian(posterior, noise)).loss).toBeGreaterThan(exact + 1)
  })
})

describe('derivatives', () => {
  const stream = random(3, 'derivatives')
  const draw = (n: number): Float64Array => Float64Array.from({ length: n }, () => stream.normal())
  const inputs: ObjectiveInputs = {
    series: 3,
    samples: 4,
    latents: 2,
    beta: 0.6,
    logLikelihood: draw(12),
    logRatio: draw(12),
    kl: draw(3).map(Math.abs),
    observed: Float64Array.of(2, 5, 1),
  }
  test.each(objectives)('%s: central differences, step 1e-5, error of order 1e-10', (kind) => {
    const value = evaluateObjective(kind, inputs)
    for (const name of ['logLikelihood', 'logRatio', 'kl'] as const) {
      inputs[name].forEach((_, i) => {
        const at = (delta: number): number => {
          const moved = inputs[name].slice()
          moved[i]! += delta
          return evaluateObjective(kind, { ...inputs, [name]: moved }).loss
        }
        expect(value[name][i]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 8)
      })
    }
  })

  test.each(objectives)('%s: a series without observed values has no part in it', (kind) => {
    const without = { ...inputs, observed: Float64Array.of(2, 0, 1) }
    const garbage = {
      ...without,
      logLikelihood: inputs.logLikelihood.map((v, i) => (i >= 4 && i < 8 ? 1e30 : v)),
      kl: Float64Array.of(inputs.kl[0]!, 1e30, inputs.kl[2]!),
    }
    expect(evaluateObjective(kind, garbage)).toEqual(evaluateObjective(kind, without))
  })
})
