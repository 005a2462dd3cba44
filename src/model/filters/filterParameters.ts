import { mlpParameters } from '../../nn/layers.js'
import type { ParameterSpecs } from '../../nn/parameters.js'
import { residualParameters } from '../residual.js'
import type { FilterCell } from './cell.js'
import type { FilterSizes } from './filterOptions.js'

/** The weights of a filter: of its cell, its decoder and its residual process. */
export const filterParameters = (cell: FilterCell, sizes: FilterSizes): ParameterSpecs => {
  const { channels, units, decoderUnits, residual } = sizes
  return {
    ...cell.parameters(sizes),
    ...mlpParameters('decoder', [units, ...(decoderUnits > 0 ? [decoderUnits] : []), 2 * channels]),
    ...(residual !== 'none' && residualParameters(channels, residual)),
  }
}
