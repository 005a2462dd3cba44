import type { Observations } from '../../src/model/observations.js'

/** One series with one channel, of which one value is shown: 0 at time 0. */
export const shown: Observations = {
  rows: 1,
  length: 1,
  channels: 1,
  lengths: Int32Array.of(1),
  times: Float64Array.of(0),
  values: Float64Array.of(0),
  mask: Uint8Array.of(1),
}
