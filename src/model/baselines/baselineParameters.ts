import { constant, type ParameterSpecs } from '../../nn/parameters.js'
import type { Baseline } from './baseline.js'

/** Shapes of all that a baseline estimates, `[channels, …]`; nothing of it is drawn to begin with. */
export const baselineParameters = ({ shapes }: Baseline, channels: number): ParameterSpecs =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape: [channels, ...shape], initialise: constant(0) }]))
