/**
 * How a channel's values are changed before they are standardised. `log` is the natural logarithm of `x + offset`;
 * the offset is 0 where all training values are positive. `floor`, half of the smallest `x + offset` in training, stands
 * in for values outside the logarithm's domain that turn up later: a reading of 0 then means "below the detection limit".
 */
export type Transform = { readonly kind: 'none' } | { readonly kind: 'log'; readonly offset: number; readonly floor: number }

/** The variable in which a channel is roughly normal, as a function of the value. */
export function forward(transform: Transform, value: number): number {
  return transform.kind === 'none' ? value : Math.log(argument(transform, value))
}

/** False for values that a logarithm cannot take, so that `floor` stands in for them. */
export function inDomain(transform: Transform, value: number): boolean {
  return transform.kind === 'none' || value + transform.offset > 0
}

function argument({ offset, floor }: Extract<Transform, { kind: 'log' }>, value: number): number {
  return value + offset > 0 ? value + offset : floor
}

/** The value, as a function of the transformed variable. */
export function inverse(transform: Transform, transformed: number): number {
  return transform.kind === 'none' ? transformed : Math.exp(transformed) - transform.offset
}

/** Logarithm of the derivative of `forward` at a value: what a log density gains when it is given per original unit. */
export function logJacobian(transform: Transform, value: number): number {
  return transform.kind === 'none' ? 0 : -Math.log(argument(transform, value))
}

/**
 * The logarithm for a channel's training values: offset 0 where all are positive; where the smallest is 0, half of the
 * smallest positive value (the usual stand-in for readings below a detection limit). Undefined where a value is
 * negative, or none is positive: then there is no sensible logarithm.
 */
export function logTransform(values: Float64Array): Extract<Transform, { kind: 'log' }> | undefined {
  let smallest = Infinity
  let least = Infinity
  for (const value of values) {
    least = Math.min(least, value)
    if (value > 0) smallest = Math.min(smallest, value)
  }
  if (least < 0 || smallest === Infinity) return undefined
  const offset = least > 0 ? 0 : smallest / 2
  return { kind: 'log', offset, floor: (least + offset) / 2 }
}

/**
 * Chooses between the plain values and their logarithm by the likelihood of normal distributions fitted to each, the
 * second with its Jacobian (Box and Cox, 1964): log wins where all values are positive and its mean log likelihood is
 * higher by more than 0.05 a value, and by more than 2 in total, so that neither a whiff of skewness nor a handful of
 * values decides.
 */
export function chooseTransform(values: Float64Array): Transform {
  const plain: Transform = { kind: 'none' }
  const log = logTransform(values)
  if (log === undefined || log.offset !== 0 || values.length < 3) return plain
  const gain = meanLogLikelihood(values, log) - meanLogLikelihood(values, plain)
  return gain > 0.05 && gain * values.length > 2 ? log : plain
}

/** Mean log likelihood of values whose transform is normal with its own mean and variance, up to a common constant. */
function meanLogLikelihood(values: Float64Array, transform: Transform): number {
  const { sd } = moments(values.map((value) => forward(transform, value)))
  const jacobian = values.reduce((sum, value) => sum + logJacobian(transform, value), 0) / values.length
  return -Math.log(sd) + jacobian
}

/** Mean and (population) standard deviation in two passes, so that large offsets cost no digits; NaN of nothing. */
export function moments(values: Float64Array): { mean: number; sd: number } {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  // Squares of very large or very small numbers would leave float64's range; a power of two changes no digit.
  const unit = largest > 1e100 || (largest < 1e-100 && largest > 0) ? 2 ** Math.floor(Math.log2(largest)) : 1
  const mean = sum(values, unit) / values.length
  // What rounding left in the mean is made good.
  const shift = values.reduce((total, value) => total + (value / unit - mean), 0) / values.length
  const variance = values.reduce((total, value) => total + (value / unit - mean - shift) ** 2, 0) / values.length
  return { mean: (mean + shift) * unit, sd: Math.sqrt(variance) * unit }
}

function sum(values: Float64Array, unit: number): number {
  return values.reduce((total, value) => total + value / unit, 0)
}
