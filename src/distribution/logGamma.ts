/** log Γ(x) for x above 0, right to about 14 digits: Stirling's series (Abramowitz and Stegun 1964, 6.1.41), begun no lower than at 8. */
export function logGamma(x: number): number {
  let [product, y] = [1, x]
  while (y < 8) product *= y++
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + stirlingRest(y) - Math.log(product)
}

/** What Stirling's formula leaves of log Γ(y), y from 8 on. */
export function stirlingRest(y: number): number {
  const w = 1 / (y * y)
  return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - (w * 691) / 360360))))) / y
}
