import * as tf from '@tensorflow/tfjs-core'
import { differentiable, type NamedValues } from '../engine/differentiable.js'
import type { Engine, Value } from '../engine/engine.js'
import { ROWS } from '../graph/shape.js'
import { trace } from '../graph/trace.js'
import { gruCell, gruParameters } from '../nn/gru.js'
import { mlp, mlpParameters } from '../nn/mlp.js'
import { parameterShapes, type ParameterSpecs } from '../nn/parameters.js'
import type { Observations } from './observations.js'

export interface OdeRnnEncoderConfig {
  readonly channels: number
  /** Size of the hidden state. */
  readonly encoderUnits: number
  /** Width of the hidden layer of the state's vector field. */
  readonly encoderFieldUnits: number
  /** Longest Euler step, in the model's time unit; longer gaps are walked in equal parts. */
  readonly encoderStep: number
}

/** A batch being encoded: the last hidden state, and the way back. */
export interface Encoding {
  /** Hidden state at the origin, `[rows, units]`. */
  readonly state: Value
  /** Pulls the cotangent of `state` back to the parameters: accumulators with the contribution added. */
  pullback(cotangent: Value, accumulators: NamedValues): Record<string, Value>
}

export interface OdeRnnEncoder {
  readonly parameterNames: readonly string[]
  encode(observations: Observations, parameters: NamedValues): Encoding
}

export const odeRnnEncoderParameters = ({ channels, encoderUnits, encoderFieldUnits }: OdeRnnEncoderConfig): ParameterSpecs => ({
  ...mlpParameters('encoder.field', [encoderUnits, encoderFieldUnits, encoderUnits], { outputGain: 0.3 }),
  ...gruParameters('encoder.gru', 2 * channels, encoderUnits),
})

/**
 * ODE-RNN encoder (Rubanova, Chen and Duvenaud 2019, algorithm 1), run backward: from each row's last observation
 * to the origin, the hidden state follows a learned vector field over the row's own gaps (Euler steps) and a GRU
 * updates it wherever anything was observed, reading `[values, mask]`. Rows are aligned by index, at their ends, not
 * by time: the cost is that of the longest row, whatever times the others have.
 */
export function createOdeRnnEncoder(engine: Engine, config: OdeRnnEncoderConfig): OdeRnnEncoder {
  const specs = odeRnnEncoderParameters(config)
  const parameterNames = Object.keys(specs)
  const { channels, encoderUnits: units } = config
  const graph = trace(({ h, gap, x, mask, observed, ...parameters }) => {
    const moved = tf.sub(h!, tf.mul(gap!, mlp(h!, parameters, 'encoder.field')))
    const updated = gruCell(tf.concat([x!, mask!], 1), moved, parameters, 'encoder.gru')
    // Both are finite (missing cells of x are 0), so a product may choose between them; its derivative is the cheaper.
    return tf.add(moved, tf.mul(observed!, tf.sub(updated, moved)))
  }, {
    h: [ROWS, units], gap: [ROWS, 1], x: [ROWS, channels], mask: [ROWS, channels], observed: [ROWS, 1], ...parameterShapes(specs),
  })
  const step = differentiable(engine, graph, { wrt: ['h'], parameters: parameterNames })

  return {
    parameterNames,
    encode(observations, parameters) {
      const { rows } = observations
      const entries = encoderEntries(observations, config.encoderStep)
      const inputs: Record<string, Value>[] = []
      let h = engine.write(new Float64Array(rows * units), [rows, units])
      for (const entry of entries) {
        const given = {
          h,
          gap: engine.write(entry.gap, [rows, 1]),
          x: engine.write(entry.values, [rows, channels]),
          mask: engine.write(entry.mask, [rows, channels]),
          observed: engine.write(entry.observed, [rows, 1]),
        }
        inputs.push(given)
        h = step.forward(given, parameters, rows).output!
      }
      return {
        state: h,
        pullback(cotangent, accumulators) {
          let bar = cotangent
          let sums: Record<string, Value> = { ...accumulators }
          for (let i = inputs.length - 1; i >= 0; i--) {
            const before = i === inputs.length - 1 ? [] : [bar, ...parameterNames.map((name) => sums[name]!)]
            const pulled = step.pullback(inputs[i]!, parameters, { output: bar }, sums, rows)
            engine.free(...before)
            bar = pulled.inputs.h!
            sums = { ...sums, ...pulled.accumulators }
          }
          return sums
        },
      }
    },
  }
}

/** One aligned step of the encoder for all rows. A row without an entry here has gap 0 and observed 0: it rests. */
export interface EncoderEntry {
  /** Time walked backward before the update, `[rows]`. */
  readonly gap: Float64Array
  readonly values: Float64Array
  readonly mask: Float64Array
  /** 1 where the row has an observation here, `[rows]`. */
  readonly observed: Float64Array
}

/**
 * Each row's observations from last to first, then on to the origin (time 0) if the first is later, gaps cut into
 * parts no longer than `longest`; rows are aligned so that all end together.
 */
export function encoderEntries({ rows, length, channels, lengths, times, values, mask }: Observations, longest: number): EncoderEntry[] {
  const sequences = Array.from({ length: rows }, (_, row) => rowEntries(times.subarray(row * length, row * length + lengths[row]!), longest))
  const total = Math.max(0, ...sequences.map((s) => s.length))
  const entries = Array.from({ length: total }, (): EncoderEntry => ({
    gap: new Float64Array(rows), values: new Float64Array(rows * channels), mask: new Float64Array(rows * channels), observed: new Float64Array(rows),
  }))
  sequences.forEach((sequence, row) => sequence.forEach(({ gap, source }, i) => {
    const entry = entries[total - sequence.length + i]!
    entry.gap[row] = gap
    if (source < 0) return
    for (let c = 0; c < channels; c++) {
      const cell = (row * length + source) * channels + c
      if (mask[cell] === 0) continue
      entry.values[row * channels + c] = values[cell]!
      entry.mask[row * channels + c] = 1
      entry.observed[row] = 1
    }
  }))
  return entries
}

/** The walk of one row: gaps and which observation (−1: none) is read after each. */
function rowEntries(times: Float64Array, longest: number): { gap: number; source: number }[] {
  const walk: { gap: number; source: number }[] = []
  const move = (gap: number, source: number): void => {
    const parts = Math.max(1, Math.ceil(Math.abs(gap) / longest - 1e-9))
    for (let part = 1; part < parts; part++) walk.push({ gap: gap / parts, source: -1 })
    walk.push({ gap: gap / parts, source })
  }
  for (let i = times.length - 1; i >= 0; i--) move(i === times.length - 1 ? 0 : times[i + 1]! - times[i]!, i)
  if (times.length > 0 && times[0] !== 0) move(times[0]!, -1)
  return walk
}
