/**
 * A count that a file declares, as a number. A damaged file has anything in its place: a list, or a struct.
 *
 * @param whose what declares it, as the message begins: "it", "a page"
 * @throws Error if it is no whole number from 0 to 2^53 - 1
 */
export function declared(value: unknown, whose: string, what: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (Number.isSafeInteger(number) && (number as number) >= 0) return number as number
  const said = typeof value === 'bigint' || typeof value === 'number' ? `${value} ${what}` : `no number of ${what}`
  throw new Error(`${whose} declares ${said}`)
}
