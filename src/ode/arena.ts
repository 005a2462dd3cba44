/** Numbers in an arena's block at least; many short arrays are parts of one. */
const least = 1024

/** Hands out arrays of zeros that are parts of larger ones: an array of its own costs several times as much. */
export function arena<T extends Float64Array | Uint8Array>(make: (length: number) => T): { take(length: number): T } {
  let [whole, used] = [make(0), 0]
  return {
    take(length) {
      if (used + length > whole.length) [whole, used] = [make(Math.max(length, least)), 0]
      used += length
      return whole.subarray(used - length, used) as T
    },
  }
}
