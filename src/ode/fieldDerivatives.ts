import { lazily } from '../engine/lazily.js'
import type { GraphBuilder, Ref } from '../graph/builder.js'
import type { Graph } from '../graph/graph.js'
import { jacobian } from '../graph/jacobian.js'
import { jvp } from '../graph/jvp.js'
import { ROWS } from '../graph/shape.js'
import { inputRefs, paramInputs } from './callField.js'

/** Derivatives of a field inside a Graph under construction. */
export interface FieldDerivatives {
  /** ∂f/∂z, `[rows, dim, dim]`. */
  jacobian(t: Ref, z: Ref): Ref
  /** ∂f/∂t, `[rows, dim]`. */
  byTime(t: Ref, z: Ref): Ref
}

export function fieldDerivatives(builder: GraphBuilder, field: Graph): FieldDerivatives {
  const byTime = lazily(() => jvp(field, ['t']))
  const others = (): Record<string, Ref> => ({ ...paramInputs(builder, field), ...inputRefs(builder, field) })
  return {
    byTime: (t, z) =>
      builder.call(byTime(), { t, z, 'dot.t': builder.broadcast(builder.constant(1), [ROWS, 1]), ...others() })['dot.output']!,
    jacobian: (t, z) => jacobian(builder, field, 'z', { inputs: { t, z, ...others() } }).jacobian,
  }
}
