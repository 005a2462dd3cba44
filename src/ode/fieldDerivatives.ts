import type { GraphBuilder, Ref } from '../graph/builder.js'
import type { Graph } from '../graph/graph.js'
import { jvp } from '../graph/jvp.js'
import { lazily } from '../engine/lazily.js'
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
  const byState = lazily(() => jvp(field, ['z']))
  const others = (): Record<string, Ref> => ({ ...paramInputs(builder, field), ...inputRefs(builder, field) })
  return {
    byTime: (t, z) =>
      builder.call(byTime(), { t, z, 'dot.t': builder.broadcast(builder.constant(1), [ROWS, 1]), ...others() })['dot.output']!,
    jacobian(t, z) {
      const dim = builder.shape(z)[1]!
      const columns = Array.from({ length: dim }, (_, i) => {
        const unit = builder.constant(
          Array.from({ length: dim }, (__, j) => (i === j ? 1 : 0)),
          [1, dim],
        )
        const column = builder.call(byState(), { t, z, 'dot.z': builder.broadcast(unit, [ROWS, dim]), ...others() })['dot.output']!
        return builder.reshape(column, [ROWS, dim, 1])
      })
      return columns.length === 1 ? columns[0]! : builder.concat(columns, 2)
    },
  }
}
