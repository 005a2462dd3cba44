/** The latent space as the page shows it: plain data, coordinates in two principal components of the z0 shown. */
export interface LatentContents {
  /** Dimension of z. */
  readonly latents: number
  /** Of how many trainings the model is the average; the space is that of the first. Default 1. */
  readonly trainings?: number
  /** Share of the variance of the z0 shown along each component. */
  readonly shares: readonly [number, number]
  /** Series of the data set; `points` may be a sample of them. */
  readonly total: number
  readonly points: readonly LatentPoint[]
  /** What the points may be coloured by, the first at first. */
  readonly attributes: readonly Attribute[]
  /** For two latent dimensions: dz/dt on a grid, in the same coordinates, per unit of the data's time. */
  readonly field?: readonly Arrow[]
  /** Whether the field shown is that at time 0 only. */
  readonly fieldChanges?: boolean
}

export interface LatentPoint {
  /** Absent where it is not named. Those that are named come first. */
  readonly series?: string
  /** Mean of q(z0) given all observations of the series. */
  readonly at: readonly [number, number]
  /**
   * z(t) from that mean at evenly spaced times: times of the data's axis and
   * coordinates. Empty if the solver failed or the series is not named.
   */
  readonly path: readonly PathPoint[]
}

export interface PathPoint {
  readonly time: number
  readonly at: readonly [number, number]
}

export interface Arrow {
  readonly at: readonly [number, number]
  readonly velocity: readonly [number, number]
}

/** A quantity or label of each series that is named, in the order of the points. */
export interface Attribute {
  readonly name: string
  /** The heading that it stands under, such as `Mean of`. */
  readonly group?: string
  /** What its numbers are, for their display; default plain numbers. */
  readonly unit?: 'duration' | 'time'
  /** Whether it is part of what is said of a series under the pointer. */
  readonly told?: boolean
  /** All numbers or all labels; null where not known. */
  readonly values: readonly (number | string | null)[]
}
