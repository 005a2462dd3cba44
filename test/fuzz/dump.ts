import { closeSync, openSync, writeSync } from 'node:fs'
import { lower } from '../../src/engine/lowering/lower.js'
import type { Program } from '../../src/engine/lowering/program.js'
import { headerWord } from '../../src/engine/lowering/words.js'
import { EngineError } from '../../src/errors.js'
import { graphInputs, type Graph } from '../../src/graph/graph.js'
import { prune } from '../../src/graph/prune.js'
import { random } from '../../src/random.js'
import { errorBounds, precisions, type Bounded } from './errorBounds.js'
import { randomCase, type Inputs } from './randomCase.js'

/** RUN_INDEX of kernel.h. */
const indexError = 1

/**
 * Writes the lowered programs of the seeds from `first` on for driver.cc, in both scalar types, with inputs, expected
 * results and their error bounds. Where there are indices, a run with a wrong one follows. Every fourth program is
 * lowered as for a search for values that are not finite, one instruction a node. Returns how many Graphs and runs
 * there are.
 */
export function dumpCases(file: string, first: number, count: number): { graphs: number; runs: number } {
  const descriptor = openSync(file, 'w')
  let written = 0
  for (let seed = first; seed < first + count; seed++) {
    const { graph, runs, consumes = [] } = randomCase(seed)
    const consumed = new Set(graphInputs(graph).flatMap(({ name }, i) => (consumes.includes(name) ? [i] : [])))
    const wrong = runs.flatMap(({ rows, inputs }) => withWrongIndex(graph, rows, inputs, seed))
    for (const [dtype, scalarBytes] of [
      ['float32', 4],
      ['float64', 8],
    ] as const) {
      const program = lower(graph, { scalarBytes, consumed, separate: seed % 4 === 0 })
      for (const { rows, inputs } of runs) {
        writeSync(descriptor, caseOf(seed, program, consumed, rows, inputs, errorBounds(graph, inputs, rows, precisions[dtype]), 0))
        written++
      }
      for (const { rows, inputs, expected } of wrong) {
        writeSync(descriptor, caseOf(seed, program, consumed, rows, inputs, expected, indexError))
        written++
      }
    }
  }
  closeSync(descriptor)
  return { graphs: count, runs: written }
}

/** One run, in the order in which driver.cc reads it. */
function caseOf(
  seed: number,
  program: Program,
  consumed: ReadonlySet<number>,
  rows: number,
  inputs: Inputs,
  expected: readonly Bounded[],
  error: number,
): Buffer {
  const bytes: Buffer[] = []
  const integers = (...values: number[]): void => {
    bytes.push(Buffer.from(Int32Array.from(values).buffer))
  }
  const doubles = (values: ArrayLike<number>): void => {
    bytes.push(Buffer.from(Float64Array.from(values).buffer))
  }
  const scalarBytes = program.words[headerWord('scalarBytes')]!
  integers(seed, scalarBytes, rows, error, program.words.length, ...program.words)
  integers(program.constants.length)
  doubles(program.constants)
  integers(inputs.length)
  inputs.forEach((input, i) => {
    integers(consumed.has(i) ? 1 : 0, input.length)
    doubles(input)
  })
  integers(expected.length)
  expected.forEach(({ values, radius }, i) => {
    integers(program.donations.get(i) ?? -1, values.length)
    doubles(values)
    doubles(radius)
  })
  integers(program.packs.length, ...program.packs.flatMap(({ input, k, n, transposed }) => [input, k, n, transposed ? 1 : 0]))
  return Buffer.concat(bytes)
}

/** The run with one index that is no row, if it has indices and the reference takes offence at it. */
function withWrongIndex(graph: Graph, rows: number, inputs: Inputs, seed: number): { rows: number; inputs: Inputs; expected: Bounded[] }[] {
  const stream = random(seed, 'wrong index', rows)
  const indices = graphInputs(graph).flatMap(({ name }, i) => (name.startsWith('index') && inputs[i]!.length > 0 ? [i] : []))
  if (indices.length === 0) return []
  const input = indices[stream.integer(indices.length)]!
  const at = stream.integer(inputs[input]!.length)
  const value = [-1, 1000, 0.5, NaN, Infinity, -Infinity, 1e30, -1e30, 2 ** 31, 2 ** 32][stream.integer(10)]!
  const changed = inputs.map((values, i) => (i === input ? values.map((x, j) => (j === at ? value : x)) : values))
  const expected = errorBounds(graph, inputs, rows, precisions.float32)
  try {
    errorBounds(prune(graph), changed, rows, precisions.float32)
    return []
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'Index') throw error
    return [{ rows, inputs: changed, expected }]
  }
}
