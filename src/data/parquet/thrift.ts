/** Numbers that Thrift's compact protocol has for types. */
const [TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12]
const DEEPEST = 32
/** Bytes of a number of 64 bits in groups of seven. */
const LONGEST_NUMBER = 10

/**
 * Walks over a struct in Thrift's compact protocol and returns where it ends. What it declares (lengths, sizes of lists)
 * lies within the bytes, so that reading it takes no more time and memory than there are bytes.
 *
 * @throws Error if it does not end before `to`
 */
export function structEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from

  const byte = (): number => {
    if (at >= to) throw new Error('a header is cut off')
    return bytes[at++]!
  }
  const skip = (count: number): void => {
    if (count < 0 || count > to - at) throw new Error('a header declares more than there is')
    at += count
  }
  const number = (): number => {
    let value = 0
    for (let i = 0; i < LONGEST_NUMBER; i++) {
      const group = byte()
      value += (group & 0x7f) * 2 ** (7 * i)
      if (group < 0x80) return value
    }
    throw new Error('a header holds a number without end')
  }
  const element = (type: number, depth: number): void => {
    switch (type) {
      case TRUE:
      case FALSE:
      case BYTE:
        return skip(1)
      case I16:
      case I32:
      case I64:
        return void number()
      case DOUBLE:
        return skip(8)
      case BINARY:
        return skip(number())
      case LIST: {
        const head = byte()
        const size = head >> 4 === 15 ? number() : head >> 4
        // An element has a byte at least.
        if (size > to - at) throw new Error('a header declares more than there is')
        for (let i = 0; i < size; i++) element(head & 0x0f, depth)
        return
      }
      case STRUCT:
        return struct(depth + 1)
      default:
        throw new Error(`a header holds something of the unknown type ${type}`)
    }
  }
  const struct = (depth: number): void => {
    if (depth > DEEPEST) throw new Error('a header is nested too deeply')
    for (;;) {
      const head = byte()
      if (head === 0) return
      const type = head & 0x0f
      if (type === 0) throw new Error('a header holds something of the unknown type 0')
      if (head >> 4 === 0) number()
      // The type of a field says all of a truth value.
      if (type !== TRUE && type !== FALSE) element(type, depth)
    }
  }
  struct(0)
  return at
}
