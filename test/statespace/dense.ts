import type { KernelName } from '../../src/statespace/kernel.js'

interface Scales {
  readonly variance: number
  readonly length: number
  readonly smoothness?: number
}

/** Covariance of a kernel at a gap, by its formula. */
export function covariance(name: KernelName, { variance, length, smoothness = NaN }: Scales): (gap: number) => number {
  return (gap) => {
    if (name === 'car2') {
      const [slow, fast] = [1 / length, 1 / (length * smoothness)]
      return (variance * (fast * Math.exp(-slow * Math.abs(gap)) - slow * Math.exp(-fast * Math.abs(gap)))) / (fast - slow)
    }
    if (name === 'ou') return variance * Math.exp(-Math.abs(gap) / length)
    const x = (Math.sqrt(3) * Math.abs(gap)) / length
    return variance * (1 + x) * Math.exp(-x)
  }
}

/** Solves A x = b for several b by elimination, and gives log det A. */
export function solve(matrix: readonly (readonly number[])[], right: readonly (readonly number[])[]): { x: number[][]; logDet: number } {
  const [a, b] = [matrix.map((row) => [...row]), right.map((row) => [...row])]
  const n = a.length
  let logDet = 0
  for (let i = 0; i < n; i++) {
    logDet += Math.log(a[i]![i]!)
    for (let j = i + 1; j < n; j++) {
      const factor = a[j]![i]! / a[i]![i]!
      for (let k = i; k < n; k++) a[j]![k]! -= factor * a[i]![k]!
      b[j] = b[j]!.map((value, k) => value - factor * b[i]![k]!)
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    b[i] = b[i]!.map((value, k) => {
      let sum = value
      for (let j = i + 1; j < n; j++) sum -= a[i]![j]! * b[j]![k]!
      return sum / a[i]![i]!
    })
  }
  return { x: b, logDet }
}

/** Log density of values with mean 0 and this covariance matrix. */
export function gaussianLogDensity(matrix: readonly (readonly number[])[], values: ArrayLike<number>): number {
  const list = Array.from(values)
  const { x, logDet } = solve(
    matrix,
    list.map((v) => [v]),
  )
  return -0.5 * (x.reduce((sum, [v], i) => sum + v! * list[i]!, 0) + logDet + list.length * Math.log(2 * Math.PI))
}
