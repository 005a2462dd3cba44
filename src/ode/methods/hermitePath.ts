import type { Ref } from '../../graph/builder.js'
import type { StepContext } from '../method.js'

/** The cubic Hermite polynomial of both ends and the slopes there, as p₁, p₂, p₃ of `StepParts.path`. */
export function hermitePath({ builder, h, y, carried }: StepContext, y1: Ref, slope1: Ref): Ref[] {
  const rise = builder.sub(y1, y)
  const first = builder.sub(builder.mul(h, carried[0]!), rise)
  return [rise, first, builder.sub(builder.sub(rise, first), builder.mul(h, slope1))]
}
