/** Cells that even a file of a few bytes may hold, since equal cells take no room. */
const FREE_CELLS = 2e7
const CELLS_PER_BYTE = 512
const FREE_ROWS = 1e6
const ROWS_PER_BYTE = 256

/**
 * Raises where a file declares more than its bytes can hold, before anything is set aside for it.
 *
 * @param size of the file, in bytes
 */
export function checkRows(rows: number, columns: number, size: number): void {
  if (rows > FREE_ROWS + ROWS_PER_BYTE * size || rows * columns > FREE_CELLS + CELLS_PER_BYTE * size) {
    throw new Error(`it declares ${rows} rows of ${columns} columns, which its ${size} bytes cannot hold`)
  }
}

/** How many bytes one packed byte can become at most, as each format is defined. */
const RATIOS = { SNAPPY: 22, LZ4: 255, LZ4_RAW: 255, ZSTD: 2 ** 17 } as const

/** Raises where a packed piece declares more bytes than it can become. */
export function checkUnpacked(length: number, packed: number, codec: keyof typeof RATIOS): void {
  if (!Number.isSafeInteger(length) || length < 0 || length > 64 + RATIOS[codec] * packed)
    throw new Error(`${packed} packed bytes declare that they hold ${length}`)
}
