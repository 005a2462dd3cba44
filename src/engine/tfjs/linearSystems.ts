/**
 * LU factors with partial pivoting of matrices `[n, n]` that lie one after the other, `[n + 1, n]` numbers each: row after
 * row, L's multipliers below the diagonal, U above it and on it; then, for each step of the elimination, the row that was
 * exchanged for that step's.
 */
export function factorMatrices(a: Float32Array, n: number): Float32Array {
  const count = a.length / (n * n)
  const out = new Float32Array(count * (n + 1) * n)
  for (let i = 0; i < count; i++) {
    const factors = out.subarray(i * (n + 1) * n, (i + 1) * (n + 1) * n)
    factors.set(a.subarray(i * n * n, (i + 1) * n * n))
    factor(factors, n)
  }
  return out
}

function factor(m: Float32Array, n: number): void {
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(m[i * n + k]!) > Math.abs(m[pivot * n + k]!)) pivot = i
    m[n * n + k] = pivot
    if (pivot !== k) for (let j = 0; j < n; j++) exchange(m, k * n + j, pivot * n + j)
    for (let i = k + 1; i < n; i++) {
      const multiplier = (m[i * n + k]! /= m[k * n + k]!)
      for (let j = k + 1; j < n; j++) m[i * n + j]! -= multiplier * m[k * n + j]!
    }
  }
}

/** Solutions of `A x = b`, or of `Aᵀ x = b`, for right sides that lie one after the other, with what {@link factorMatrices} made. */
export function solveSystems(factors: Float32Array, right: Float32Array, n: number, transposed: boolean): Float32Array {
  const out = right.slice()
  for (let i = 0; i < right.length / n; i++)
    (transposed ? substituteTransposed : substitute)(
      factors.subarray(i * (n + 1) * n, (i + 1) * (n + 1) * n),
      out.subarray(i * n, (i + 1) * n),
      n,
    )
  return out
}

function substitute(m: Float32Array, x: Float32Array, n: number): void {
  for (let k = 0; k < n; k++) exchange(x, k, m[n * n + k]!)
  for (let i = 1; i < n; i++) for (let j = 0; j < i; j++) x[i]! -= m[i * n + j]! * x[j]!
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) x[i]! -= m[i * n + j]! * x[j]!
    x[i]! /= m[i * n + i]!
  }
}

function substituteTransposed(m: Float32Array, x: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) {
    x[i]! /= m[i * n + i]!
    for (let j = i + 1; j < n; j++) x[j]! -= m[i * n + j]! * x[i]!
  }
  for (let i = n - 1; i > 0; i--) for (let j = 0; j < i; j++) x[j]! -= m[i * n + j]! * x[i]!
  for (let k = n - 1; k >= 0; k--) exchange(x, k, m[n * n + k]!)
}

function exchange(values: Float32Array, i: number, j: number): void {
  const value = values[i]!
  values[i] = values[j]!
  values[j] = value
}
