const BLOCKS = [...'▁▂▃▄▅▆▇█']
const ASCII = [...'_.,-~=+#']

/**
 * Numbers as a row of bars, at most `width` of them: each the mean of equally many neighbours. Heights are linear from
 * the least to the 90th percentile, so that the first few losses, often huge, do not flatten all that follows; a gap
 * stands where nothing is finite.
 */
export function sparkline(values: readonly number[], width: number, unicode: boolean): string {
  const bars = resample(values, width)
  const known = bars.filter(Number.isFinite).sort((a, b) => a - b)
  if (known.length === 0) return ''
  const least = known[0]!
  const range = known[Math.ceil(0.9 * known.length) - 1]! - least
  const signs = unicode ? BLOCKS : ASCII
  const height = (value: number): number => (range > 0 ? Math.min(7, Math.round((7 * (value - least)) / range)) : 0)
  return bars.map((value) => (Number.isFinite(value) ? signs[height(value)]! : ' ')).join('')
}

/** Means of the finite values in each of `width` equal parts; the values themselves where there are no more. */
function resample(values: readonly number[], width: number): number[] {
  if (values.length <= width) return [...values]
  return Array.from({ length: width }, (_, i) => {
    const part = values
      .slice(Math.floor((i * values.length) / width), Math.floor(((i + 1) * values.length) / width))
      .filter(Number.isFinite)
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
}
