import { describe, expect, it, vi } from 'vitest'
import type { CountingEngine } from '../engine/conformance.js'
import { kernelEngines } from '../engine/engines.js'
import type { Engine, Value } from '../../src/engine/engine.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { sizeOf } from '../../src/graph/shape.js'
import { createSolver } from '../../src/ode/solver.js'
import type { SolverOptions, SolveRequest } from '../../src/ode/types.js'
import { blowUp, linearField, network, networkShapes, normalList, referenceEngine } from './problems.js'

const rows = 4
/** One that depends on t, and one that does not. */
const fields = [
  { field: network(3, 5), shapes: Object.values(networkShapes(3, 5)) },
  { field: linearField(3), shapes: [[3, 3]] },
]
const parametersOf = (engine: Engine, { shapes }: (typeof fields)[number]): Value[] =>
  shapes.map((shape, i) => engine.write(normalList(sizeOf(shape), 0.7, i + 1), shape))

const engines: Record<string, () => Promise<CountingEngine>> = {
  ...kernelEngines('float32'),
  ...kernelEngines('float64'),
  'tfjs on cpu': () => tfjsEngine({ backend: 'cpu' }),
  reference: async () => referenceEngine(),
}

/** Times of all rows: those of a fixed-step solve are known beforehand then. */
const lists: Record<string, number[]> = {
  rising: [0, 0.2, 0.4, 0.6, 1],
  falling: [1, 0.7, 0.69, -0.4],
  'with repeats': [0.5, 0.5, 0.5, 1, 1, 1.3, 1.3],
  'two, close together': [0, 0.05],
}
const choices: SolverOptions[] = [
  ...(['euler', 'midpoint', 'heun', 'rk4'] as const).map((method) => ({ method })),
  { method: 'rk4', stepSize: 0.1 },
  { method: 'rk4', stepSize: 0.17 },
  { method: 'midpoint', stepSize: 0.17, stopAtEnd: true },
  { method: 'heun', stepSize: 3 },
]

describe.each(Object.entries(engines))('steps known beforehand, on %s', (_, open) => {
  it.each(choices)('give what steps one by one give, to the bit: %o', async (options) => {
    const engine = await open()
    for (const one of fields) {
      const { field } = one
      const params = parametersOf(engine, one)
      const scans = vi.spyOn(engine, 'compileScan').mockClear()
      const atOnce = createSolver(engine, field, options)
      // In parts, all of which but the first are computed again on the way back.
      const inParts = createSolver(engine, field, { ...options, residualMemory: 2000 })
      // Who listens to steps is told of them one by one.
      let heard = 0
      const oneByOne = createSolver(engine, field, { ...options, onAccept: () => heard++ })
      for (const [index, times] of Object.values(lists).entries()) {
        const request: SolveRequest = { y0: normalList(rows * 3, 1, 77), times, params, record: true, dense: true }
        const points = rows * times.length
        const cotangent = normalList(points * 3, 1, 5)
        const before = engine.live()
        const expected = oneByOne.solve(request)
        const gradient = expected.pullback(cotangent)
        if (index === 0) expect(scans).not.toHaveBeenCalled()
        expect(heard).toBe(expected.stats.accepted)
        heard = 0
        for (const solver of [atOnce, inParts]) {
          const solution = solver.solve(request)
          expect(scans, 'all steps in one call').toHaveBeenCalled()
          expect(solution.values).toEqual(expected.values)
          expect(solution.stats).toEqual(expected.stats)
          expect(solution.status).toEqual(expected.status)
          expect(solution.steps).toEqual(expected.steps)
          expect(solution.evaluate(2, [times[1]!, (times[0]! + times.at(-1)!) / 2])).toEqual(
            expected.evaluate(2, [times[1]!, (times[0]! + times.at(-1)!) / 2]),
          )
          // Twice: what was recorded stays until it is disposed of.
          for (let i = 0; i < 2; i++) expect(solution.pullback(cotangent)).toEqual(gradient)
          solution.dispose()
          const replayed = solver.solve({ ...request, record: false, replay: expected.steps })
          expect(replayed.values).toEqual(solver.solve({ ...request, record: false }).values)
          const left = solver.solve({ ...request, outputs: 'engine' })
          expect(engine.read(left.outputs!)).toEqual(expected.values)
          left.dispose()
        }
        expected.dispose()
        expect(engine.live(), 'arrays left behind').toBe(before)
      }
    }
    engine.dispose()
  })
})

describe('a solve whose steps are known beforehand', () => {
  const times = Array.from({ length: 21 }, (_, i) => i)

  it('ends for a row that blows up as it would if it were solved step by step, and goes on for the others', () => {
    const engine = referenceEngine()
    const request: SolveRequest = { y0: [2, -1], times, params: [], record: true }
    const [atOnce, oneByOne] = [{}, { onStep: () => undefined }].map((listeners) =>
      createSolver(engine, blowUp, { method: 'rk4', throw: false, ...listeners }).solve(request),
    )
    expect(atOnce!.status[0]!.status).toBe('NonFinite')
    expect(atOnce!.status).toEqual(oneByOne!.status)
    expect(atOnce!.values).toEqual(oneByOne!.values)
    expect([...atOnce!.failed]).toEqual([0])
    const cotangent = atOnce!.values.map(() => 1)
    expect(atOnce!.pullback(cotangent)).toEqual(oneByOne!.pullback(cotangent))
    atOnce!.dispose()
    oneByOne!.dispose()
    expect(engine.live()).toBe(0)
    expect(() => createSolver(engine, blowUp, { method: 'rk4' }).solve(request)).toThrow(/Row 0/)
    expect(engine.live()).toBe(0)
  })

  it('that would take too many steps says so', () => {
    const solver = createSolver(referenceEngine(), blowUp, { method: 'euler', stepSize: 0.001, maxSteps: 50, throw: false })
    expect(solver.solve({ y0: [-1, -2], times: [0, 1], params: [] }).status.map(({ status, time }) => [status, time.toFixed(3)])).toEqual([
      ['MaxSteps', '0.050'],
      ['MaxSteps', '0.050'],
    ])
  })

  it.each(Object.entries(kernelEngines('float32')))(
    'takes no more memory for more steps, or little more if recorded: %s',
    async (_, open) => {
      const { field } = fields[0]!
      const peakOf = async (options: SolverOptions, record: boolean): Promise<number> => {
        const engine = await open()
        const solution = createSolver(engine, field, { method: 'rk4', residualMemory: 1e6, ...options }).solve({
          y0: normalList(600, 1, 77),
          times: [0, 0.5, 1],
          params: parametersOf(engine, fields[0]!),
          record,
        })
        if (record) solution.pullback(solution.values)
        const peak = (engine as unknown as { peak(): number }).peak()
        engine.dispose()
        return peak
      }
      const [few, many] = [{ stepSize: 1 / 400 }, { stepSize: 1 / 9_900 }]
      const listening = { onAccept: () => undefined }
      expect((await peakOf(many, false)) - (await peakOf({ ...many, ...listening }, false))).toBeLessThan(2 ** 16)
      // What 400 steps of 200 rows and a path of 12 numbers take, a few times over.
      expect((await peakOf(few, true)) - (await peakOf({ ...few, ...listening }, true))).toBeLessThan(5 * 400 * 200 * 12 * 4)
      expect((await peakOf(many, true)) - (await peakOf({ ...many, ...listening }, true))).toBeLessThan(2 ** 16)
    },
  )
})
