import { describe, expect, test } from 'vitest'
import { Normal } from '../../src/distribution/normal.js'
import { joinMembers, memberParameters, parametersOfMember } from '../../src/model/members.js'
import { mixture } from '../../src/model/mixture.js'
import { meanAt } from '../../src/model/sampleMean.js'
import type { Forecaster, SamplePaths } from '../../src/model/sequenceModel.js'
import { random } from '../../src/random.js'
import { shown } from './oneValue.js'

const solver = { evaluations: 2, accepted: 1, rejected: 0, rows: 1, failed: 0, smallestStep: 0.5 }

/** Samples N(level, 1), N(level + 1, 1), …, and a note of what was asked of it. A level below 0 fails. */
function levels(weights?: (samples: number) => Float64Array): { model: Forecaster; asked: { samples: number; noise: number }[] } {
  const asked: { samples: number; noise: number }[] = []
  const model: Forecaster = {
    name: 'levels',
    specs: { level: { shape: [1], init: { kind: 'zeros' } } } as unknown as Forecaster['specs'],
    predict({ level }, _shown, times, { samples, noise }) {
      asked.push({ samples, noise: noise(0).normal() })
      return times.map((): SamplePaths => ({
        samples,
        component: (sample) => new Normal(level![0]! + sample, 1),
        ...(weights && { weights: weights(samples) }),
        draw: (sample) => Float64Array.of(level![0]! + sample),
        finite: true,
        posterior: { mean: Float64Array.of(level![0]!), sd: Float64Array.of(1) },
        solver,
        failed: level![0]! < 0,
      }))
    },
  }
  return { model, asked }
}

const at = [Float64Array.of(1)]
const predict = (model: Forecaster, values: readonly number[], samples: number): SamplePaths =>
  mixture(model, values.length).predict(joinMembers(values.map((level) => ({ level: Float32Array.of(level) }))), shown, at, {
    samples,
    noise: () => random(3, 'noise'),
  })[0]!

describe('mixture', () => {
  test('the samples are shared out, and noise goes on from member to member', () => {
    const { model, asked } = levels()
    const { samples, solver: total } = predict(model, [0, 10, 20], 8)
    expect(asked.map((one) => one.samples)).toEqual([3, 3, 2])
    expect(samples).toBe(8)
    expect(new Set(asked.map(({ noise }) => noise)).size).toBe(3)
    expect(total).toEqual({ evaluations: 6, accepted: 3, rejected: 0, rows: 3, failed: 0, smallestStep: 0.5 })
  })

  test('each member counts the same, however many samples it has', () => {
    // (0 + 1 + 2) / 3, (10 + 11 + 12) / 3 and (20 + 21) / 2.
    expect(meanAt(predict(levels().model, [0, 10, 20], 8), 0, 0)).toBeCloseTo((1 + 11 + 20.5) / 3, 12)
    expect(predict(levels().model, [0, 10], 4).weights).toBeUndefined()
  })

  test('weights of samples hold within their member', () => {
    const first = (samples: number): Float64Array => Float64Array.from({ length: samples }, (_, i) => (i === 0 ? 1 : 0))
    expect(meanAt(predict(levels(first).model, [0, 10], 6), 0, 0)).toBeCloseTo(5, 12)
  })

  test('fewer samples than members: each has one', () => {
    expect(predict(levels().model, [0, 10, 20], 1).samples).toBe(3)
  })

  test('the members take turns, in courses as in distributions', () => {
    const paths = predict(levels().model, [0, 10], 4)
    const turns = [0, 10, 1, 11]
    expect(turns.map((_, turn) => paths.component(turn, 0, 0).mean)).toEqual(turns)
    expect(turns.map((_, turn) => paths.draw!(turn, random(1, 'draw'), true)[0])).toEqual(turns)
  })

  test('a member that fails is left out; all fail: so does the mixture', () => {
    const paths = predict(levels().model, [-1, 10], 4)
    expect(paths.failed).toBe(false)
    expect(meanAt(paths, 0, 0)).toBeCloseTo(10.5, 12)
    expect(predict(levels().model, [-1, -2], 4).failed).toBe(true)
  })
})

test('members have their numbers under names of their own', () => {
  const joined = joinMembers([{ w: Float32Array.of(1) }, { w: Float32Array.of(2) }])
  expect(joined).toEqual({ 'member.0.w': Float32Array.of(1), 'member.1.w': Float32Array.of(2) })
  expect(parametersOfMember(1, joined)).toEqual({ w: Float32Array.of(2) })
  const plain = { w: Float32Array.of(3) }
  expect(parametersOfMember(0, plain)).toBe(plain)
  expect(Object.keys(memberParameters({ w: { shape: [1] } as never }, 2))).toEqual(['member.0.w', 'member.1.w'])
})
