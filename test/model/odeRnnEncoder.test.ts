import { describe, expect, test } from 'vitest'
import type { Observations } from '../../src/model/observations.js'
import { UserError } from '../../src/errors.js'
import { encoderEntries, type EncoderEntries } from '../../src/model/encoders/entries.js'

/** One channel; every row given as [time, value][], NaN for missing. */
function observations(rows: readonly (readonly (readonly [number, number])[])[]): Observations {
  const length = Math.max(...rows.map((r) => r.length))
  const out = {
    rows: rows.length,
    length,
    channels: 1,
    lengths: Int32Array.from(rows, (r) => r.length),
    times: new Float64Array(rows.length * length),
    values: new Float64Array(rows.length * length),
    mask: new Uint8Array(rows.length * length),
  }
  rows.forEach((row, r) =>
    row.forEach(([t, v], i) => {
      out.times[r * length + i] = t
      out.mask[r * length + i] = Number.isNaN(v) ? 0 : 1
      out.values[r * length + i] = Number.isNaN(v) ? 0 : v
    }),
  )
  return out
}
/** Gap, observed and value of row r of each step; the fourth number is the mask. */
function row({ count, fill }: EncoderEntries, r: number): number[][] {
  // As in use: what an earlier step left must not show.
  const numbers = new Float64Array(64).fill(NaN)
  return Array.from({ length: count }, (_, i) => {
    fill(i, numbers)
    const [gap, observed, value, mask] = numbers.subarray(4 * r, 4 * r + 4) as unknown as [number, number, number, number]
    expect(mask).toBe(observed)
    return [Number(gap.toFixed(9)), observed, value]
  })
}

describe('the backward walk', () => {
  test('reads the last observation first and cuts long gaps into equal parts', () => {
    expect(
      row(
        encoderEntries(
          observations([
            [
              [0, 5],
              [0.25, 6],
              [0.3, 7],
            ],
          ]),
          0.1,
        ),
        0,
      ),
    ).toEqual([
      [0, 1, 7],
      [0.05, 1, 6],
      [0.083333333, 0, 0],
      [0.083333333, 0, 0],
      [0.083333333, 1, 5],
    ])
  })

  test('rows end together; a shorter one rests until its turn', () => {
    const entries = encoderEntries(
      observations([
        [
          [0, 1],
          [0.1, 2],
          [0.2, 3],
        ],
        [[0, 9]],
      ]),
      0.1,
    )
    expect(row(entries, 1)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 1, 9],
    ])
  })

  test('goes on to the origin if the first observation is later', () => {
    expect(row(encoderEntries(observations([[[0.15, 4]]]), 0.1), 0)).toEqual([
      [0, 1, 4],
      [0.075, 0, 0],
      [0.075, 0, 0],
    ])
  })

  test('a row with nothing observed at a time moves but is not updated', () => {
    expect(
      row(
        encoderEntries(
          observations([
            [
              [0, 1],
              [0.1, NaN],
            ],
          ]),
          0.2,
        ),
        0,
      ),
    ).toEqual([
      [0, 0, 0],
      [0.1, 1, 1],
    ])
  })

  test('a time that is far from all others is an error, not a wait', () => {
    expect(() =>
      encoderEntries(
        observations([
          [
            [0, 1],
            [1e7, 2],
          ],
        ]),
        0.02,
      ),
    ).toThrow(UserError)
    expect(() =>
      encoderEntries(
        observations([
          [
            [0, 1],
            [1e7, 2],
          ],
        ]),
        0.02,
      ),
    ).toThrow(/1\.0e\+7 times as far apart as the longest series.*mistyped/)
  })

  test('the number of entries does not depend on how many different times the batch has', () => {
    const own = Array.from(
      { length: 50 },
      (_, r) =>
        [
          [0, 1],
          [0.01 + r * 1e-4, 2],
          [0.02 + r * 1e-4, 3],
        ] as const,
    )
    expect(encoderEntries(observations(own), 0.02).count).toBe(3)
  })
})
