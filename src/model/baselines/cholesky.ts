/**
 * The lower Cholesky factor of a symmetric matrix `[n, n]`, row-major, in its place; what stands above the diagonal is not read.
 *
 * @returns false if the matrix is not positive definite
 */
export function factorise(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      if (j < i) a[i * n + j] = sum / a[j * n + j]!
      else if (!(sum > 0)) return false
      else a[i * n + i] = Math.sqrt(sum)
    }
  }
  return true
}

/** `L⁻¹ b`, in the place of b. */
export function solveLower(factor: Float64Array, n: number, b: Float64Array): Float64Array {
  for (let i = 0; i < n; i++) {
    let sum = b[i]!
    for (let k = 0; k < i; k++) sum -= factor[i * n + k]! * b[k]!
    b[i] = sum / factor[i * n + i]!
  }
  return b
}

/** `L⁻ᵀ b`, in the place of b. */
export function solveUpper(factor: Float64Array, n: number, b: Float64Array): Float64Array {
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]!
    for (let k = i + 1; k < n; k++) sum -= factor[k * n + i]! * b[k]!
    b[i] = sum / factor[i * n + i]!
  }
  return b
}

/** `A⁻¹ b` for `A = L Lᵀ`, in the place of b. */
export const solve = (factor: Float64Array, n: number, b: Float64Array): Float64Array => solveUpper(factor, n, solveLower(factor, n, b))

/** `A⁻¹`, `[n, n]`. */
export function inverse(factor: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n)
  const column = new Float64Array(n)
  for (let j = 0; j < n; j++) {
    column.fill(0)
    column[j] = 1
    solve(factor, n, column)
    for (let i = 0; i < n; i++) out[i * n + j] = column[i]!
  }
  return out
}

/** `log |A|`. */
export function logDeterminant(factor: Float64Array, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += 2 * Math.log(factor[i * n + i]!)
  return sum
}
