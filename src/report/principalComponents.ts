import { EigenvalueDecomposition, Matrix } from 'ml-matrix'

export interface PrincipalComponents {
  readonly mean: Float64Array
  /** The two directions of largest variance, of length one, orthogonal; `[dim]` each. The second of one dimension is 0. */
  readonly axes: readonly [Float64Array, Float64Array]
  /** Share of the total variance along each of them; 0 where nothing varies. */
  readonly shares: readonly [number, number]
}

/**
 * The first two principal components of points `[count][dim]` (Hotelling 1933): eigenvectors of their covariance
 * matrix. The sign, which is arbitrary, is such that the component of largest size is positive.
 */
export function principalComponents(points: readonly ArrayLike<number>[]): PrincipalComponents {
  const dim = points[0]?.length ?? 0
  const mean = Float64Array.from({ length: dim }, (_, j) => points.reduce((sum, point) => sum + point[j]!, 0) / points.length)
  const centred = points.map((point) => Array.from(point, (value, j) => value - mean[j]!))
  const covariance = Array.from({ length: dim }, (_, i) =>
    Array.from({ length: dim }, (_, j) => centred.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / points.length),
  )
  if (dim === 0) return { mean, axes: [new Float64Array(0), new Float64Array(0)], shares: [0, 0] }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(covariance), { assumeSymmetric: true })
  const total = covariance.reduce((sum, row, i) => sum + row[i]!, 0)
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!)
  const axis = (rank: number): Float64Array =>
    order[rank] === undefined ? new Float64Array(dim) : signed(Float64Array.from(eigenvectorMatrix.getColumn(order[rank])))
  const share = (rank: number): number => (total > 0 && order[rank] !== undefined ? Math.max(0, realEigenvalues[order[rank]]!) / total : 0)
  return { mean, axes: [axis(0), axis(1)], shares: [share(0), share(1)] }
}

/** Coordinates of a point in the two components. */
export function project({ mean, axes }: PrincipalComponents, point: ArrayLike<number>): [number, number] {
  const along = (axis: Float64Array): number => axis.reduce((sum, weight, j) => sum + weight * (point[j]! - mean[j]!), 0)
  return [along(axes[0]), along(axes[1])]
}

/** The point with the given coordinates that lies in the plane of the two components. */
export function unproject({ mean, axes }: PrincipalComponents, [x, y]: readonly [number, number]): Float64Array {
  return mean.map((centre, j) => centre + x * axes[0][j]! + y * axes[1][j]!)
}

/** A direction in the two components. */
export function projectDirection({ axes }: PrincipalComponents, direction: ArrayLike<number>): [number, number] {
  const along = (axis: Float64Array): number => axis.reduce((sum, weight, j) => sum + weight * direction[j]!, 0)
  return [along(axes[0]), along(axes[1])]
}

function signed(axis: Float64Array): Float64Array {
  const largest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) + 1e-12 ? value : most), 0)
  return largest < 0 ? axis.map((value) => -value) : axis
}
