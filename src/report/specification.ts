/** A JSON value; `undefined` members are left out when it is written. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/** A Vega-Lite specification: plain JSON. */
export type Specification = { readonly [key: string]: Json | undefined }

/** One row of a figure's data. Field names are fixed by the view; names that come from the user's data are values. */
export type Row = Readonly<Record<string, string | number | boolean | null | readonly number[]>>

/** Of a logarithmic axis, grid lines where there is a label only. */
export const labelledGrid = { gridOpacity: { condition: { test: "datum.label !== ''", value: 1 }, value: 0 } } satisfies Json

/** The number, or null (a missing value to Vega) if it is not finite. */
export function finite(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/**
 * A function that rounds to about a thousandth of the range of the given values, or to another part of it: finer than
 * half a pixel of the small figures, and far shorter to write down.
 */
export function rounder(values: readonly (number | null)[], parts = 1e3): (value: number | null | undefined) => number | null {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const range = high - low
  if (!(range > 0) || !Number.isFinite(range)) return finite
  const decimals = Math.min(100, Math.max(0, Math.ceil(Math.log10(parts)) - Math.floor(Math.log10(range))))
  return (value) => {
    const known = finite(value)
    return known === null ? null : Number(known.toFixed(decimals))
  }
}

/** Rounds to four significant digits, for values on a logarithmic axis. */
export function significant(value: number | null | undefined): number | null {
  const known = finite(value)
  return known === null ? null : Number(known.toPrecision(4))
}
