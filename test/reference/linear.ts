/**
 * The solution of `A x = b` (of `Aᵀ x = b` if `transposed`), A being row-major: elimination with complete pivoting, NaN if A
 * is singular.
 */
export function solveDense(a: ArrayLike<number>, b: ArrayLike<number>, transposed = false): number[] {
  const n = b.length
  const rows = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => (transposed ? a[j * n + i]! : a[i * n + j]!)),
    b[i]!,
  ])
  const unknowns = rows.map((_, j) => j)
  for (let k = 0; k < n; k++) {
    let [row, column] = [k, k]
    for (let i = k; i < n; i++)
      for (let j = k; j < n; j++) if (Math.abs(rows[i]![j]!) > Math.abs(rows[row]![column]!)) [row, column] = [i, j]
    if (rows[row]![column] === 0) return new Array<number>(n).fill(NaN)
    swap(rows, k, row)
    swap(unknowns, k, column)
    for (const each of rows) swap(each, k, column)
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i]![k]! / rows[k]![k]!
      for (let j = k; j <= n; j++) rows[i]![j]! -= factor * rows[k]![j]!
    }
  }
  const x = new Array<number>(n)
  for (let k = n - 1; k >= 0; k--) {
    let rest = rows[k]![n]!
    for (let j = k + 1; j < n; j++) rest -= rows[k]![j]! * x[unknowns[j]!]!
    x[unknowns[k]!] = rest / rows[k]![k]!
  }
  return x
}

function swap<T>(list: T[], i: number, j: number): void {
  ;[list[i], list[j]] = [list[j]!, list[i]!]
}
