import type { Graph } from '../../graph/graph.js'
import type { CompileOptions, Engine, Executable, Stack, Value } from '../engine.js'
import type { RawEngine, RawExecutable } from '../rawEngine.js'
import { checkedExecutable, checkedScan } from './checkedExecutable.js'
import { Ownership } from './ownership.js'
import * as shapes from './shapes.js'

/** An engine on a raw one whose executables are of type `X`. */
export interface CheckedEngine<X> extends Engine {
  compile(graph: Graph, options?: CompileOptions): Omit<X, 'run'> & Executable
}

/**
 * The engine that a raw one becomes: what it is given is checked here, once for all engines, and what it makes is
 * freed at the end of scopes.
 */
export function checked<V extends Value, S extends Stack, X extends RawExecutable<V>>(raw: RawEngine<V, S, X>): CheckedEngine<X> {
  const own = new Ownership(raw)
  return {
    name: raw.name,
    dtype: raw.dtype,
    ...graphs(raw, own),
    ...copies(raw, own),
    ...rows(raw, own),
    scope: (body) => own.scope(body),
    free: (...held) => own.free(held),
    dispose: () => own.dispose(),
  }
}

/** What makes Graphs ready to run. */
function graphs<V extends Value, S extends Stack, X extends RawExecutable<V>>(
  raw: RawEngine<V, S, X>,
  own: Ownership<V, S>,
): Pick<CheckedEngine<X>, 'compile' | 'compileScan'> {
  return {
    compile(graph, options = {}) {
      own.requireUsable()
      return checkedExecutable(own, raw.compile(graph, options))
    },
    compileScan(graph, options) {
      own.requireUsable()
      shapes.requireScan(graph, options)
      return checkedScan(own, raw.compileScan(graph, options), options)
    },
  }
}

/** What copies numbers into the engine and out of it. */
function copies<V extends Value, S extends Stack>(
  raw: RawEngine<V, S>,
  own: Ownership<V, S>,
): Pick<Engine, 'write' | 'read' | 'readInto' | 'writeStack' | 'readStack'> {
  return {
    write(values, shape) {
      own.requireUsable()
      if (typeof values !== 'function') shapes.requireNumbers(values, shape)
      return own.made(raw.write(values, shape))
    },
    read: (value, to) => raw.read(own.value(value, 'An array to be read'), to),
    readInto(value, to) {
      const source = own.value(value, 'An array to be read')
      shapes.requireLengths(source.shape, to)
      raw.readInto(source, to)
    },
    writeStack(values, steps, shape) {
      own.requireUsable()
      return own.made(raw.writeStack(shapes.stackWriter(values, steps, shape), steps, shape))
    },
    readStack: (stack) => raw.readStack(own.stack(stack, 'A stack to be read')),
  }
}

/** What takes rows of arrays, and lays them together. */
function rows<V extends Value, S extends Stack>(
  raw: RawEngine<V, S>,
  own: Ownership<V, S>,
): Pick<Engine, 'gather' | 'concat' | 'cut' | 'scatterAdd' | 'gatherWeighted' | 'scatterWeighted'> {
  return {
    gather(value, index) {
      const source = own.value(value, 'An array to gather from')
      shapes.requireIndex(index, source.shape[0] ?? 0, 'gather')
      return own.made(raw.gather(source, index))
    },
    concat(held) {
      const parts = held.map((one) => ('steps' in one ? own.stack(one, 'A stack to be joined') : own.value(one, 'An array to be joined')))
      const shape = shapes.joinedShape(parts.map((one) => joinedRows(raw, one)))
      return own.made(raw.concat(parts, shape))
    },
    cut(value, steps) {
      const source = own.value(value, 'An array to be cut')
      return own.made(raw.cut(source, steps, shapes.pieceShape(source.shape, steps)))
    },
    scatterAdd(value, index, count) {
      const source = own.value(value, 'An array to scatter')
      shapes.requireIndexPerRow(source.shape, index, 'scatterAdd')
      shapes.requireIndex(index, count, 'scatterAdd')
      return own.made(raw.scatterAdd(source, index, count))
    },
    gatherWeighted(value, index, weights) {
      const [source, factors] = [own.value(value, 'An array to gather from'), own.value(weights, 'Weights')]
      const blocks = shapes.blocksToSum(source.shape, index, factors.shape)
      shapes.requireIndex(index, source.shape[0]!, 'gatherWeighted')
      return own.made(raw.gatherWeighted(source, index, factors, blocks))
    },
    scatterWeighted(value, from, index, weights, count) {
      const [source, factors] = [own.value(value, 'An array to scatter'), own.value(weights, 'Weights')]
      const blocks = shapes.blocksToAddTo(source.shape, from, index, factors.shape)
      shapes.requireIndex(from, source.shape[0]!, 'scatterWeighted')
      shapes.requireIndex(index, count, 'scatterWeighted')
      return own.made(raw.scatterWeighted(source, from, index, factors, count, blocks))
    },
  }
}

/** The shape of an array, or of the arrays of a stack together. */
function joinedRows<V extends Value, S extends Stack>(raw: RawEngine<V, S>, held: V | S): readonly number[] {
  if (!isStack(held)) return held.shape
  const [first, ...rest] = raw.stackShape(held)
  // Of numbers there are no rows: what joins them says so.
  return first === undefined ? [] : [held.steps * first, ...rest]
}

const isStack = <V extends Value, S extends Stack>(held: V | S): held is S => 'steps' in held
