import type { GraphBuilder, Ref } from '../graph/builder.js'
import type { Graph } from '../graph/graph.js'
import { jacobian } from '../graph/jacobian.js'
import { inputRefs, paramInputs } from './callField.js'

/** Derivatives of a field inside a Graph under construction. */
export interface FieldDerivatives {
  /** ∂f/∂z, `[rows, dim, dim]`. */
  jacobian(t: Ref, z: Ref): Ref
  /** ∂f/∂t, `[rows, dim]`. */
  byTime(t: Ref, z: Ref): Ref
}

export function fieldDerivatives(builder: GraphBuilder, field: Graph): FieldDerivatives {
  const others = (): Record<string, Ref> => ({ ...paramInputs(builder, field), ...inputRefs(builder, field) })
  const derivative = (by: string, t: Ref, z: Ref): Ref => jacobian(builder, field, by, { inputs: { t, z, ...others() } }).jacobian
  return {
    byTime: (t, z) => builder.reshape(derivative('t', t, z), builder.shape(z)),
    jacobian: (t, z) => derivative('z', t, z),
  }
}
