import { createHash } from 'node:crypto'
import type { SeriesSet, TimeAxis } from './series.js'

/**
 * SHA-256, as 64 hexadecimal digits, of what a set says: channels, time axis, and each series' id, times, observed values and
 * mask, series in the order of their ids' characters. What stands in unobserved cells does not count, nor does −0 differ from 0.
 */
export function fingerprint(set: SeriesSet): string {
  const digest = createHash('sha256')
  const text = (value: unknown): void => void digest.update(`${JSON.stringify(value)}\n`)
  text(['latent-ode series', 1, set.channels, counting(set.time), set.series.length])
  for (const { id, times, values, mask } of [...set.series].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))) {
    text([id, times.length])
    digest.update(littleEndian(times))
    digest.update(littleEndian(values.map((value, cell) => (mask[cell] === 1 ? value : 0))))
    digest.update(mask)
  }
  return digest.digest('hex')
}

/** How times are counted; how they are written is no part of what they say. */
function counting(axis: TimeAxis): object {
  if (axis.kind === 'number') return { kind: axis.kind }
  return axis.kind === 'date'
    ? { kind: axis.kind, unit: axis.unit, epoch: axis.epoch, dateOnly: axis.dateOnly }
    : { kind: axis.kind, unit: axis.unit }
}

/** The same bytes on every machine. */
function littleEndian(values: Float64Array): Uint8Array {
  const out = new DataView(new ArrayBuffer(values.length * 8))
  values.forEach((value, i) => out.setFloat64(i * 8, value + 0, true))
  return new Uint8Array(out.buffer)
}
