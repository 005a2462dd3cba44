import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runJson, useFolder } from '../io.js'
import { good, table } from './support.js'

useFolder()

describe('simulate', () => {
  const csv = async (...words: string[]): Promise<Record<string, string>[]> => table((await good('simulate', ...words, '--out', '-')).out)

  test.each([
    ['periodic', ['value']],
    ['spirals', ['x', 'y']],
    ['oscillators', ['position', 'velocity']],
    ['lotka-volterra', ['prey', 'predator']],
  ])('%s', async (kind, channels) => {
    const rows = await csv(kind, '--series', '3', '--points', '4')
    expect(rows).toHaveLength(12)
    expect(Object.keys(rows[0]!)).toEqual(['id', 'time', ...channels])
    expect([...new Set(rows.map(({ id }) => id))]).toEqual(['0', '1', '2'])
  })

  test('--span bounds the times, --regular spaces them evenly', async () => {
    const rows = await csv('periodic', '--series', '2', '--points', '5', '--span', '8', '--regular')
    expect(rows.map(({ time }) => Number(time))).toEqual([0, 2, 4, 6, 8, 0, 2, 4, 6, 8])
    const random = await csv('periodic', '--series', '2', '--points', '50', '--span', '8')
    expect(random.every(({ time }) => Number(time) >= 0 && Number(time) <= 8)).toBe(true)
    expect(random.some(({ time }) => Number(time) > 5)).toBe(true)
  })

  test('--noise: without it the periodic values are sines of amplitude 1', async () => {
    const [exact, noisy] = [
      await csv('periodic', '--series', '5', '--noise', '0'),
      await csv('periodic', '--series', '5', '--noise', '0.5'),
    ]
    expect(exact.every(({ value }) => Math.abs(Number(value)) <= 1)).toBe(true)
    const residuals = noisy.map(({ value }, i) => Number(value) - Number(exact[i]!['value']))
    const sd = Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / residuals.length)
    // 500 draws: the standard error of the sd is 0.5/sqrt(1000) = 0.016.
    expect(Math.abs(sd - 0.5)).toBeLessThan(0.08)
  })

  test('--rows-observed and --cells-observed thin the table', async () => {
    const rows = await csv('spirals', '--series', '20', '--points', '50', '--rows-observed', '0.4', '--cells-observed', '0.5')
    // 1,000 rows, kept with 0.4: standard deviation 15.5. A kept row keeps one cell for certain, the other with 0.5.
    expect(Math.abs(rows.length - 400)).toBeLessThan(80)
    const empty = rows.flatMap(({ x, y }) => [x, y]).filter((cell) => cell === '').length
    expect(Math.abs(empty / rows.length - 0.5)).toBeLessThan(0.13)
  })

  test('--seed', async () => {
    const [a, b, c] = await Promise.all([['1'], ['1'], ['2']].map(([seed]) => csv('periodic', '--series', '2', '--seed', seed!)))
    expect(a).toEqual(b)
    expect(a).not.toEqual(c)
  })

  test('--out and --json', async () => {
    const { document } = await runJson('simulate', 'spirals', '--series', '2', '--points', '3', '--seed', '5', '--out', 'made.csv')
    expect(document).toEqual({ out: 'made.csv', kind: 'spirals', series: 2, rows: 6, channels: ['x', 'y'], seed: 5 })
    expect(table(readFileSync('made.csv', 'utf8'))).toHaveLength(6)
  })
})
