import { baselinesOf } from '../../train/baselines.js'
import type { KeyEntry } from '../figures/figure.js'
import type { Json } from '../specification.js'
import type { Palette } from '../theme.js'

/** The methods compared, in the order of the key: what they are called, and how they look. */
export const methods = [
  { name: 'model', label: 'this model', shape: 'circle' },
  { name: 'linear', label: 'linear interpolation', shape: 'diamond' },
  { name: 'locf', label: 'last value', shape: 'square' },
  { name: 'mean', label: 'channel mean', shape: 'triangle-up' },
] as const

/** Row of all channels together. The invisible joiner keeps it apart from a channel that has this very name. */
export const total = 'all channels\u2060'

type Task = Parameters<typeof baselinesOf>[0]

/** The methods that a task is scored with: looking ahead, there is nothing to interpolate to. */
export const methodsOf = (task: Task): (typeof methods)[number][] =>
  methods.filter(({ name }) => name === 'model' || baselinesOf(task).includes(name))

/** The methods that these tasks are scored with. */
export const methodsKey = (palette: Palette, tasks: readonly Task[]): KeyEntry[] =>
  methods
    .filter((method) => tasks.some((task) => methodsOf(task).includes(method)))
    .map(({ name, label, shape }) => ({ mark: shape, colour: palette[name], label }))

const scaleOver = (range: readonly string[]): Json => ({ domain: methods.map((method) => method.label), range })

/** Encodings of a datum's `method`. */
export const methodColour = (palette: Palette): Json => ({
  field: 'method',
  type: 'nominal',
  legend: null,
  scale: scaleOver(methods.map(({ name }) => palette[name])),
})
export const methodShape: Json = {
  field: 'method',
  type: 'nominal',
  legend: null,
  scale: scaleOver(methods.map((method) => method.shape)),
}

/** Test of a datum: whether it is of the model. */
export const ofModel: Json = { field: 'method', equal: methods[0].label }
