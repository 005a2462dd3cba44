import type { FittedModel } from '../train/modelFile.js'
import type { Setting } from './contents.js'

const encoder = new Set(['encoderUnits', 'encoderFieldUnits'])
const solver = new Set(['method', 'rtol', 'atol', 'maxSteps', 'adjoint'])

/** A model's settings in words, in groups, as a table shows them. */
export function modelSettings(fitted: FittedModel): Setting[] {
  const list = (group: string, values: object, keep: (key: string) => boolean = () => true): Setting[] =>
    Object.entries(values)
      .filter(([key]) => keep(key))
      .map(([key, value]) => ({ group, label: label(key), value: typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value) }))
  return [
    { group: 'Model', label: 'Kind', value: fitted.kind },
    ...list('Model', fitted.model, (key) => !encoder.has(key) && !solver.has(key)),
    ...list('Encoder', fitted.model, (key) => encoder.has(key)),
    ...list('Solver', fitted.model, (key) => solver.has(key)),
    ...list('Training', fitted.training),
    { group: 'Made by', label: 'Version', value: fitted.version },
    { group: 'Made by', label: 'Engine', value: fitted.engine },
  ]
}

/** `encoderUnits` as `Encoder units`. */
const label = (key: string): string => {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words[0]!.toUpperCase() + words.slice(1)
}
