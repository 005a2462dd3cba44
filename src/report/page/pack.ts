import type { Plot } from '../sections/plots.js'
import type { Json, Row, Specification } from '../specification.js'

/** Figures as the page holds them: each distinct specification once, and what is particular to each figure. */
export interface Packed {
  readonly specs: readonly Specification[]
  /** Columns of data, each distinct one once: the panels of a series share their times. */
  readonly columns: readonly PackedColumn[]
  readonly figures: readonly PackedFigure[]
}

/** Values as they are, or decimal numbers as the differences of whole ones: half as long to write down for a curve. */
export type PackedColumn = readonly Json[] | { readonly decimals: number; readonly steps: readonly number[] }

export interface PackedFigure {
  readonly name: string
  /** The series that it is of, if it is of one. */
  readonly series?: string
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
export function pack(plots: readonly Plot[]): Packed {
  const specs = collection<Specification>()
  const columns = collection<PackedColumn>()
  const packed = plots.map(({ name, series, spec }) => {
    const {
      datasets = {},
      params = [],
      ...rest
    } = spec as { datasets?: Record<string, readonly Row[]>; params?: readonly { name: string; value: Json }[] }
    const template: Specification = { ...rest, ...(params.length > 0 ? { params: params.map((param) => ({ name: param.name })) } : {}) }
    const data = Object.entries(datasets).map(([set, rows]) => {
      const fields = rows.length === 0 ? [] : Object.keys(rows[0]!)
      return [set, fields, fields.map((field) => columns.index(packColumn(rows.map((row) => row[field] ?? null))))] as const
    })
    return { name, ...(series !== undefined && { series }), spec: specs.index(template), params: params.map((param) => param.value), data }
  })
  return { specs: specs.items, columns: columns.items, figures: packed }
}

/** The data of the figures, as the page's script unpacks them. */
export function unpack({ columns, figures }: Packed): { name: string; series?: string | undefined; datasets: Record<string, Row[]> }[] {
  const values = columns.map(unpackColumn)
  return figures.map(({ name, series, data }) => ({
    name,
    series,
    datasets: Object.fromEntries(
      data.map(([set, fields, held]) => [
        set,
        Array.from(
          { length: held.length === 0 ? 0 : values[held[0]!]!.length },
          (_, i) => Object.fromEntries(fields.map((field, j) => [field, values[held[j]!]![i]!])) as Row,
        ),
      ]),
    ),
  }))
}

function unpackColumn(column: PackedColumn): readonly Json[] {
  if (!('steps' in column)) return column
  let sum = 0
  return column.steps.map((step) => (sum += step) / 10 ** column.decimals)
}

/** The column in the shorter of its two forms: the page's script makes the same numbers of both, to the bit. */
export function packColumn(values: readonly Json[]): PackedColumn {
  if (values.length < 4 || !values.every((value) => typeof value === 'number')) return values
  const decimals = Math.max(
    ...values.map((value) => (/^-?\d+(\.\d+)?$/.test(String(value)) ? (String(value).split('.')[1] ?? '').length : Infinity)),
  )
  if (decimals > 15) return values
  const whole = values.map((value) => Math.round(value * 10 ** decimals))
  // A whole number over a power of ten is the decimal number, exactly as reading its digits would give it.
  if (!whole.every((number, i) => Number.isSafeInteger(number) && Object.is(number / 10 ** decimals, values[i]))) return values
  const packed = { decimals, steps: whole.map((number, i) => number - (i === 0 ? 0 : whole[i - 1]!)) }
  return JSON.stringify(packed).length < JSON.stringify(values).length ? packed : values
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
