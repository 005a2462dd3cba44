import type { Gaps, RasterRow } from './contents.js'

/** Times from one observation of a series to the next, in some series. */
export const gapsBetween = (rows: readonly Pick<RasterRow, 'times'>[]): Gaps => ({
  series: rows.length,
  lengths: rows.flatMap(({ times }) => times.slice(1).map((time, i) => time - times[i]!)),
})
