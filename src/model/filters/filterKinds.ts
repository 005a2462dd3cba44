import { modelKind, type ModelKind } from '../modelKind.js'
import type { FilterCell } from './cell.js'
import { filterSizes, type FilterOptions } from './filterOptions.js'
import { filterParameters } from './filterParameters.js'
import { filterCells, filterNames, type FilterName } from './index.js'

/** A filter, for the table of models. It has no z0, so nothing is sampled and there is no KL term of a prior. */
const filterKind = (name: FilterName): ModelKind => {
  const cell: FilterCell = filterCells[name]
  return modelKind({
    label: cell.label,
    describe: cell.describe,
    options: cell.options,
    before: { residual: 'none' },
    fixed: { objective: 'elbo', samples: 1, validationSamples: 1, klWarmup: 0 },
    ...(name !== 'ode-rnn' && { byName: true }),
    parameters: (options, data) => filterParameters(cell, filterSizes(options as Partial<FilterOptions>, data)),
  })
}

/** Every filter by name. */
export const filterKinds = Object.fromEntries(filterNames.map((name) => [name, filterKind(name)])) as {
  readonly [Name in FilterName]: ModelKind<(typeof filterCells)[Name]['options']>
}
