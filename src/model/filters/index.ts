import { gruD } from './gruD.js'
import { gruOdeBayes } from './gruOdeBayes.js'
import { odeRnn } from './odeRnn.js'
import { rnnDecay } from './rnnDecay.js'
import { rnnDelta } from './rnnDelta.js'
import type { FilterCell } from './cell.js'

/** Every cell of filters by the name of the model. A new one is a file beside `rnnDecay.ts` and a line here. */
export const filterCells = {
  'ode-rnn': odeRnn,
  'rnn-delta': rnnDelta,
  'rnn-decay': rnnDecay,
  'gru-d': gruD,
  'gru-ode-bayes': gruOdeBayes,
} satisfies Record<string, FilterCell>
/** The name of a filter model. */
export type FilterName = keyof typeof filterCells

export const filterNames = Object.keys(filterCells) as FilterName[]
export const isFilter = (name: string): name is FilterName => Object.hasOwn(filterCells, name)
