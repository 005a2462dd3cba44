import type { Figure, Json, Row, Specification } from '../figure.js'

/** Figures as the page holds them: each distinct specification once, and what is particular to each figure. */
export interface Packed {
  readonly specs: readonly Specification[]
  readonly figures: readonly PackedFigure[]
}

export interface PackedFigure {
  readonly name: string
  /** Index into `specs`. */
  readonly spec: number
  /** Values of the specification's parameters, in their order. */
  readonly params: readonly Json[]
  /** Data sets by columns: `[name, fields, columns]`. */
  readonly data: readonly (readonly [name: string, fields: readonly string[], columns: readonly (readonly Json[])[]])[]
}

/**
 * Takes out of each specification what differs between figures of one kind (rows of data, values of parameters), and
 * keeps the rest once. Fifty series of seven channels are one specification and three hundred and fifty data sets.
 */
export function pack(figures: readonly Figure[]): Packed {
  const texts = new Map<string, number>()
  const specs: Specification[] = []
  const packed = figures.map(({ name, spec }) => {
    const { datasets = {}, params = [], ...rest } = spec as { datasets?: Record<string, readonly Row[]>; params?: readonly { name: string; value: Json }[] }
    const template: Specification = { ...rest, ...(params.length > 0 ? { params: params.map((param) => ({ name: param.name })) } : {}) }
    const text = JSON.stringify(template)
    let index = texts.get(text)
    if (index === undefined) {
      index = specs.length
      texts.set(text, index)
      specs.push(template)
    }
    return { name, spec: index, params: params.map((param) => param.value), data: Object.entries(datasets).map(([set, rows]) => [set, ...columns(rows)] as const) }
  })
  return { specs, figures: packed }
}

function columns(rows: readonly Row[]): [string[], Json[][]] {
  const fields = rows.length === 0 ? [] : Object.keys(rows[0]!)
  return [fields, fields.map((field) => rows.map((row) => row[field] ?? null))]
}
