import { GraphBuilder } from '../../graph/builder.js'
import { ROWS } from '../../graph/shape.js'
import type { Engine, Executable, Value } from '../engine.js'

const compiled = new WeakMap<Engine, Map<string, Executable>>()

/** The sum of two arrays of one shape, `[rows, …]`. */
export function addValues(engine: Engine, a: Value, b: Value): Value {
  const known = compiled.get(engine) ?? new Map<string, Executable>()
  compiled.set(engine, known)
  const shape = [ROWS, ...a.shape.slice(1)]
  const key = shape.join(' ')
  const sum = known.get(key) ?? engine.compile(sumGraph(shape))
  known.set(key, sum)
  return sum.run([a, b], a.shape[0]!)[0]!
}

function sumGraph(shape: readonly number[]) {
  const builder = new GraphBuilder()
  builder.output('sum', builder.add(builder.input('a', shape), builder.input('b', shape)))
  return builder.build()
}
