import type { Dynamics } from './dynamics.js'
import { gated } from './gated.js'
import { linear } from './linear.js'
import { mlp } from './mlp.js'
import { secondOrder } from './secondOrder.js'
import { semilinear } from './semilinear.js'

/** Every kind of dynamics by name. A new one is a file beside `mlp.ts` and a line here. */
export const dynamics = { mlp, semilinear, 'second-order': secondOrder, gated, linear } satisfies Record<string, Dynamics>
export type DynamicsName = keyof typeof dynamics
