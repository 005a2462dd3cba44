/** How many different words are looked for again; beyond that, most words are likely to be new anyway. */
const REMEMBERED = 2 ** 16

/**
 * Words in one run of bytes: a million of them are one buffer, not a million objects. The first 65,536 different words
 * are kept once each, so columns of few words cost their codes alone.
 */
export class WordPool {
  private bytes = Buffer.alloc(64)
  private ends = new Uint32Array(8)
  private readonly codes = new Map<string, number>()
  size = 0

  /** The code of a word; equal words have equal codes as long as there are few different ones. */
  add(word: string): number {
    const known = this.codes.get(word)
    if (known !== undefined) return known
    const start = this.size === 0 ? 0 : this.ends[this.size - 1]!
    const length = Buffer.byteLength(word)
    if (start + length > this.bytes.length) this.bytes = Buffer.concat([this.bytes], Math.max(this.bytes.length * 2, start + length))
    if (this.size === this.ends.length) {
      const longer = new Uint32Array(this.size * 2)
      longer.set(this.ends)
      this.ends = longer
    }
    this.bytes.write(word, start)
    this.ends[this.size] = start + length
    // A cell cut from a big chunk would keep the whole chunk alive; a copy does not.
    if (this.codes.size < REMEMBERED) this.codes.set(this.bytes.toString('utf8', start, start + length), this.size)
    return this.size++
  }

  at(code: number): string {
    return this.bytes.toString('utf8', code === 0 ? 0 : this.ends[code - 1]!, this.ends[code]!)
  }
}
