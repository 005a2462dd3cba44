/** A numeric column as it grows: float64, NaN where missing, never a row object. */
export class NumberColumn {
  private data: Float64Array
  length = 0

  /** @param rows how many there will be, if that is known */
  constructor(
    readonly name: string,
    rows = 1024,
  ) {
    this.data = new Float64Array(Math.max(1, rows))
  }

  push(value: number): void {
    if (this.length === this.data.length) this.data = grown(this.data, new Float64Array(this.length * 2))
    this.data[this.length++] = value
  }

  /** `[length]`, a view of what was pushed. */
  values(): Float64Array {
    return this.data.subarray(0, this.length)
  }
}

/** A column of whole numbers below 2^31, such as line numbers. */
export class IntegerColumn {
  private data = new Int32Array(1024)
  length = 0

  push(value: number): void {
    if (this.length === this.data.length) this.data = grown(this.data, new Int32Array(this.length * 2))
    this.data[this.length++] = value
  }

  values(): Int32Array {
    return this.data.subarray(0, this.length)
  }
}

/** A column of words, each kept once: row i holds `names[codes[i]]`. Usable as an arquero column. */
export class TextColumn implements Iterable<string> {
  private readonly codeOf = new Map<string, number>()
  private readonly column = new IntegerColumn()
  readonly names: string[] = []

  constructor(readonly name: string) {}

  push(text: string): void {
    let code = this.codeOf.get(text)
    if (code === undefined) {
      code = this.names.length
      // A cell cut from a big chunk would keep the whole chunk alive; a copy does not.
      const own = Buffer.from(text, 'utf8').toString('utf8')
      this.codeOf.set(own, code)
      this.names.push(own)
    }
    this.column.push(code)
  }

  get length(): number {
    return this.column.length
  }

  codes(): Int32Array {
    return this.column.values()
  }

  at(row: number): string {
    return this.names[this.column.values()[row]!]!
  }

  *[Symbol.iterator](): Iterator<string> {
    for (const code of this.column.values()) yield this.names[code]!
  }
}

function grown<A extends Float64Array | Int32Array>(from: A, into: A): A {
  into.set(from)
  return into
}
