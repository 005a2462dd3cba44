/** A column as it stands in the file, before anything is decided about what it holds. */
export interface RawCells {
  readonly name: string
  readonly length: number
  /** True where the cell is empty or one of the words for a missing value. */
  isMissing(row: number): boolean
  /** The cell where it is a plain number such as `-3.5e2`; NaN elsewhere. */
  number(row: number): number
  /** The cell as it is written, trimmed; empty where nothing is. */
  text(row: number): string
}
