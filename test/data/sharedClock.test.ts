import { expect, test } from 'vitest'
import { sharesClock } from '../../src/data/sharedClock.js'

const series = (...times: number[]) => ({ times: Float64Array.from(times) })

test.each([
  ['ages at which all children are measured', [series(8, 10, 12, 14), series(8, 10, 14), series(10, 12, 14)], true],
  ['random times of one span', [series(0.1, 0.7, 0.9), series(0.3, 0.95), series(0.05, 0.5, 1), series(0.2, 0.8)], true],
  ['dates of admission over years, stays of days', [series(100, 103), series(400, 405), series(900, 902)], false],
  ['one that begins long before the others', [series(-500, -495), ...Array.from({ length: 20 }, () => series(0, 5))], false],
  ['one series', [series(0, 1, 2)], false],
  ['no span', [series(1), series(1), series(1)], false],
  ['nothing', [], false],
])('%s', (_, all, expected) => expect(sharesClock(all)).toBe(expected))
