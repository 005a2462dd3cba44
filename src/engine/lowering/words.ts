/** Where an array begins: the number of a place and an offset in it, see `Address` of program.h. */
export type Address = readonly [place: number, offset: number]

/** The address of an operand that there is not: NONE of program.h. */
export const nowhere: Address = [-1, 0]

/** The structs of src/kernel/program.h (`product` is ProductWords): their fields in order. A test compares the two. */
export const structs = {
  header: {
    format: 'int',
    scalarBytes: 'int',
    inputs: 'int',
    outputs: 'int',
    packs: 'int',
    slots: 'int',
    constants: 'int',
    words: 'int',
    tiles: 'int',
  },
  slot: { fixed: 'int', perRow: 'int' },
  elementwise: { R: 'int', C: 'int', operands: 'int', tiles: 'int', results: 'int', operations: 'int' },
  operand: { kind: 'int', from: 'Address', rowStride: 'int', tile: 'int' },
  result: { to: 'Address' },
  operation: { code: 'int', to: 'int', a: 'int', b: 'int', c: 'int' },
  product: {
    batch: 'int',
    m: 'int',
    n: 'int',
    k: 'int',
    a: 'Address',
    aRow: 'int',
    aColumn: 'int',
    aBatch: 'int',
    b: 'Address',
    bRow: 'int',
    bPacked: 'int',
    bBatch: 'int',
    c: 'Address',
    start: 'int',
    init: 'Address',
    initRow: 'int',
    initBatch: 'int',
    panels: 'int',
    epilogue: 'int',
    other: 'Address',
  },
  reduce: { op: 'int', outer: 'int', middle: 'int', inner: 'int', from: 'Address', to: 'Address', start: 'Address' },
  copy: { axes: 'int', from: 'Address', to: 'Address' },
  axis: { size: 'int', fromStride: 'int', toStride: 'int' },
  zero: { to: 'Address', count: 'int' },
  index: { from: 'Address', index: 'Address', to: 'Address', count: 'int', width: 'int', rows: 'int' },
  rows: { to: 'Address' },
  lu: { count: 'int', n: 'int', from: 'Address', to: 'Address' },
  luSolve: { count: 'int', n: 'int', transposed: 'int', factors: 'Address', from: 'Address', to: 'Address' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, 'int' | 'Address'>>>>

type StructName = keyof typeof structs
type Fields<Name extends StructName> = {
  readonly [Field in keyof (typeof structs)[Name]]: (typeof structs)[Name][Field] extends 'Address' ? Address : number
}

const fieldNames = new Map<string, readonly string[]>(Object.entries(structs).map(([name, fields]) => [name, Object.keys(fields)]))

/** The words of a struct. */
export function wordsOf<Name extends StructName>(name: Name, fields: Fields<Name>): number[] {
  const words: number[] = []
  for (const field of fieldNames.get(name)!) {
    const value = (fields as Readonly<Record<string, number | Address>>)[field]!
    if (typeof value === 'number') words.push(value)
    else words.push(value[0], value[1])
  }
  return words
}

/** Which word of a program a field of its header is. */
export const headerWord = (field: keyof typeof structs.header): number => Object.keys(structs.header).indexOf(field)
