import { closeSync, openSync, writeSync } from 'node:fs'
import type { Dtype } from '../../src/engine/engine.js'
import { lower } from '../../src/engine/lowering/lower.js'
import { graphInputs } from '../../src/graph/graph.js'
import { errorBounds, precisions } from './errorBounds.js'
import { randomCase } from './randomCase.js'

/**
 * Writes the lowered programs of the seeds from `first` on for driver.cc, in both scalar types, with inputs, expected
 * results and their error bounds. In half of the cases some inputs are given away, so that results may take their place.
 * Returns how many Graphs and runs there are.
 */
export function dumpCases(file: string, first: number, count: number): { graphs: number; runs: number } {
  const descriptor = openSync(file, 'w')
  let runs = 0
  for (let seed = first; seed < first + count; seed++) {
    const { graph, runs: some, consumes = [] } = randomCase(seed)
    const consumed = new Set(graphInputs(graph).flatMap(({ name }, i) => (consumes.includes(name) ? [i] : [])))
    for (const [dtype, scalarBytes] of [['float32', 4], ['float64', 8]] as const) {
      const program = lower(graph, { scalarBytes, consumed })
      for (const { rows, inputs } of some) {
        const bytes: Buffer[] = []
        const integers = (...values: number[]): void => { bytes.push(Buffer.from(Int32Array.from(values).buffer)) }
        const numbers = (values: ArrayLike<number>): void => { integers(values.length); bytes.push(Buffer.from(Float64Array.from(values).buffer)) }
        integers(seed, scalarBytes, rows, 0, program.words.length, ...program.words)
        numbers(program.constants)
        integers(inputs.length)
        inputs.forEach((input, i) => { integers(consumed.has(i) ? 1 : 0); numbers(input) })
        const expected = errorBounds(graph, inputs, rows, precisions[dtype as Dtype])
        integers(expected.length)
        expected.forEach(({ values, radius }, i) => {
          integers(program.donations.get(i) ?? -1, values.length)
          bytes.push(Buffer.from(values.slice().buffer), Buffer.from(Float64Array.from(radius).buffer))
        })
        integers(program.packs.length, ...program.packs.flatMap(({ input, k, n, transposed }) => [input, k, n, transposed ? 1 : 0]))
        for (const piece of bytes) writeSync(descriptor, piece)
        runs++
      }
    }
  }
  closeSync(descriptor)
  return { graphs: count, runs }
}
