import type { Figure, Json, Row, Specification } from '../figure.js'

/** Figures as the page holds them: each distinct specification once, and what is particular to each figure. */
export interface Packed {
  readonly specs: readonly Specification[]
  /** Columns of data, each distinct one once: the panels of a series share their times. */
  readonly columns: readonly (readonly Json[])[]
  readonly figures: readonly PackedFigure[]
}

export interface PackedFigure {
  readonly name: string
  /** Index into `specs`. */
  readonly spec: number
  /** Values of the specification's parameters, in their order. */
  readonly params: readonly Json[]
  /** Data sets by columns: name, fields, and indices into `columns`. */
  readonly data: readonly (readonly [name: string, fields: readonly string[], columns: readonly number[]])[]
}

/**
 * Takes out of each specification what differs between figures of one kind (rows of data, values of parameters), and
 * keeps the rest once. Fifty series of seven channels are one specification and three hundred and fifty data sets.
 */
export function pack(figures: readonly Figure[]): Packed {
  const specs = collection<Specification>()
  const columns = collection<readonly Json[]>()
  const packed = figures.map(({ name, spec }) => {
    const { datasets = {}, params = [], ...rest } = spec as { datasets?: Record<string, readonly Row[]>; params?: readonly { name: string; value: Json }[] }
    const template: Specification = { ...rest, ...(params.length > 0 ? { params: params.map((param) => ({ name: param.name })) } : {}) }
    const data = Object.entries(datasets).map(([set, rows]) => {
      const fields = rows.length === 0 ? [] : Object.keys(rows[0]!)
      return [set, fields, fields.map((field) => columns.index(rows.map((row) => row[field] ?? null)))] as const
    })
    return { name, spec: specs.index(template), params: params.map((param) => param.value), data }
  })
  return { specs: specs.items, columns: columns.items, figures: packed }
}

/** Distinct items by their JSON. */
function collection<T>(): { readonly items: T[]; index(item: T): number } {
  const texts = new Map<string, number>()
  const items: T[] = []
  return {
    items,
    index(item) {
      const text = JSON.stringify(item)
      const known = texts.get(text)
      if (known !== undefined) return known
      texts.set(text, items.length)
      return items.push(item) - 1
    },
  }
}
