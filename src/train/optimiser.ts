import { runNamed } from '../engine/autodiff/program.js'
import type { Engine, Executable, FloatArray, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { GraphBuilder, type Ref } from '../graph/builder.js'
import type { Graph } from '../graph/graph.js'
import { sizeOf, type Shape } from '../graph/shape.js'
import { simplify } from '../graph/simplify.js'
import type { Moments, Snapshot } from './state.js'

export const optimisers = ['adam', 'adamax'] as const
export type OptimiserName = (typeof optimisers)[number]

export interface OptimiserOptions {
  readonly optimiser: OptimiserName
  /**
   * Decay of weight matrices towards 0 per unit of learning rate, decoupled from the gradient (AdamW, Loshchilov and Hutter 2019,
   * algorithm 2). Biases and the scales of noise and residual do not decay: 0 is not where they would be simplest.
   */
  readonly weightDecay: number
}

/** What an update changes. */
type Weighed = Omit<Snapshot, 'average'>

/** The gradient of a part of a batch, and its weight in that of the whole. */
export interface WeightedGradient {
  readonly gradient: Readonly<Record<string, ArrayLike<number>>>
  readonly weight: number
}

/** Updates of the weights, each two compiled programs over all parameters laid end to end. */
export interface Optimiser {
  /** Adds up the gradients of a batch and keeps their sum for `update`. Returns its norm, which is not finite if any of it is not. */
  receive(parts: readonly WeightedGradient[]): number
  /**
   * Moves weights and moments by the gradient received last: from those of `before` to those of `after`, which may be the same.
   *
   * @param limit greatest norm of the gradient: a larger one is scaled down to it
   */
  update(before: Readonly<Weighed>, after: Weighed, learningRate: number, limit: number): void
}

const [FIRST_DECAY, SECOND_DECAY, EPSILON] = [0.9, 0.999, 1e-8]

export const zeroMoments = (parameters: Readonly<Record<string, FloatArray>>): Moments => {
  const zeros = (): Record<string, FloatArray> =>
    Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice().fill(0)]))
  return { first: zeros(), second: zeros() }
}

/** Adam or Adamax (Kingma and Ba 2015, algorithms 1 and 2) for parameters of these shapes, in their order. */
export function createOptimiser(
  engine: Engine,
  shapes: Readonly<Record<string, Shape>>,
  { optimiser, weightDecay }: OptimiserOptions,
): Optimiser {
  const { size, write, fill, read } = laidOut(engine, shapes)
  const adders = new Map<number, Executable>()
  const mover = lazily(() => engine.compile(simplify(updateGraph(size, optimiser))))
  let total: Value | undefined
  let norm = NaN

  /** What is kept of each weight before its step. */
  const kept = (learningRate: number): Value => fill((shape) => (shape.length > 1 ? 1 - learningRate * weightDecay : 1))
  function adder(count: number): Executable {
    const known = adders.get(count)
    if (known) return known
    const made = engine.compile(simplify(sumGraph(size, count)))
    adders.set(count, made)
    return made
  }
  const scalars = (numbers: Readonly<Record<string, number>>): Record<string, Value> =>
    Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, engine.write([number], [1])]))

  return {
    receive(parts) {
      if (total) engine.free(total)
      total = undefined
      total = engine.scope(() => {
        const gradients = Object.fromEntries(parts.map(({ gradient }, i) => [`gradient.${i}`, write(gradient)]))
        const weights = scalars(Object.fromEntries(parts.map(({ weight }, i) => [`weight.${i}`, weight])))
        const results = runNamed(adder(parts.length), { ...gradients, ...weights }, 0)
        // Squares of the largest would overflow; the norm itself is finite wherever the gradient is.
        norm = engine.read(results.largest!)[0]! * Math.sqrt(engine.read(results.squares!)[0]!)
        return results.total!
      })
      return norm
    },
    update({ parameters, moments: { first, second }, updates }, after, learningRate, limit) {
      const gradient = total
      if (!gradient) throw new Error('update() needs a gradient: receive() one first.')
      engine.scope(() => {
        const results = runNamed(
          mover(),
          {
            total: gradient,
            parameters: write(parameters),
            first: write(first),
            second: write(second),
            kept: kept(learningRate),
            ...scalars({
              clipping: norm > limit ? limit / norm : 1,
              rate: learningRate / (1 - FIRST_DECAY ** (updates + 1)),
              ...(optimiser === 'adam' && { correction: 1 / (1 - SECOND_DECAY ** (updates + 1)) }),
            }),
          },
          0,
        )
        read(results.parameters!, after.parameters)
        read(results.first!, after.moments.first)
        read(results.second!, after.moments.second)
      })
      after.updates = updates + 1
    },
  }
}

/** Arrays of these shapes as one, end to end. */
function laidOut(engine: Engine, shapes: Readonly<Record<string, Shape>>) {
  const lengths = Object.entries(shapes).map(([name, shape]) => ({ name, shape, length: sizeOf(shape) }))
  const size = lengths.reduce((sum, { length }) => sum + length, 0)
  /** Writes each part, which begins at a place. */
  const written = (part: (into: FloatArray, at: number, entry: (typeof lengths)[number]) => void): Value =>
    engine.write(
      (into) => {
        let at = 0
        for (const entry of lengths) {
          part(into, at, entry)
          at += entry.length
        }
      },
      [size],
    )
  return {
    size,
    write: (arrays: Readonly<Record<string, ArrayLike<number>>>): Value => written((into, at, { name }) => into.set(arrays[name]!, at)),
    /** The same number for all of an array, by its shape. */
    fill: (number: (shape: Shape) => number): Value => written((into, at, { shape, length }) => into.fill(number(shape), at, at + length)),
    read: (value: Value, into: Readonly<Record<string, FloatArray>>): void =>
      engine.readInto(
        value,
        lengths.map(({ name }) => into[name]!),
      ),
  }
}

/**
 * Inputs `gradient.<i>` `[size]` and `weight.<i>` `[1]`; outputs `total`, their weighted sum, the
 * `largest` magnitude `[1]` in it and the sum of `squares` `[1]` of total / largest.
 */
function sumGraph(size: number, count: number): Graph {
  const builder = new GraphBuilder()
  const terms = Array.from({ length: count }, (_, i) =>
    builder.mul(builder.input(`weight.${i}`, [1]), builder.input(`gradient.${i}`, [size])),
  )
  const total = terms.reduce((sum, term) => builder.add(sum, term))
  const largest = builder.max(builder.unary('abs', total), [0], true)
  const one = builder.constant(1)
  const scaled = builder.div(total, builder.select(builder.binary('equal', largest, builder.constant(0)), one, largest))
  builder.output('total', total)
  builder.output('largest', largest)
  builder.output('squares', builder.sum(builder.unary('square', scaled), [0], true))
  return builder.build()
}

/**
 * Inputs `total`, `parameters`, `first`, `second`, `kept` `[size]`, and numbers `[1]`: `clipping`,
 * `rate`, for Adam `correction`. Outputs the three arrays anew.
 */
function updateGraph(size: number, optimiser: OptimiserName): Graph {
  const builder = new GraphBuilder()
  const array = (name: string): Ref => builder.input(name, [size])
  const number = (name: string): Ref => builder.input(name, [1])
  const decayed = (decay: number, moment: Ref, news: Ref): Ref =>
    builder.add(builder.mul(builder.constant(decay), moment), builder.mul(builder.constant(1 - decay), news))
  const gradient = builder.mul(number('clipping'), array('total'))
  const first = decayed(FIRST_DECAY, array('first'), gradient)
  const second =
    optimiser === 'adam'
      ? decayed(SECOND_DECAY, array('second'), builder.unary('square', gradient))
      : builder.binary('maximum', builder.mul(builder.constant(SECOND_DECAY), array('second')), builder.unary('abs', gradient))
  const scale = optimiser === 'adam' ? builder.unary('sqrt', builder.mul(number('correction'), second)) : second
  const change = builder.div(builder.mul(number('rate'), first), builder.add(scale, builder.constant(EPSILON)))
  builder.output('parameters', builder.sub(builder.mul(array('kept'), array('parameters')), change))
  builder.output('first', first)
  builder.output('second', second)
  return builder.build()
}
