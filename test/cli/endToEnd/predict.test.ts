import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runCommandLine } from '../../../src/cli/run.js'
import { fakeIo, run, runJson, useFolder } from '../io.js'
import { good, model, table, tiny, useFittedModel } from './support.js'

const folder = useFolder()
useFittedModel(folder)

describe('predict', () => {
  const predict = async (...words: string[]): Promise<Record<string, string>[]> =>
    table((await good('predict', model, 'spirals.csv', '--samples', '20', ...words, '--out', '-')).out)

  test('the default: a file of its own, each series over its span and a quarter more', async () => {
    const { out } = await good('predict', model, 'spirals.csv', '--samples', '20')
    expect(out).toContain('spirals.forecast.csv: 1,224 rows, 12 series, x, y')
    const rows = table(readFileSync('spirals.forecast.csv', 'utf8'))
    expect(rows).toHaveLength(12 * 51 * 2)
    expect(Object.keys(rows[0]!)).toEqual(['id', 'time', 'channel', 'mean', 'sd', 'q05', 'q25', 'q50', 'q75', 'q95'])
    const observed = table(readFileSync('spirals.csv', 'utf8'))
      .filter(({ id }) => id === '3')
      .map(({ time }) => Number(time))
    const times = rows.filter(({ id }) => id === '3').map(({ time }) => Number(time))
    expect(times[0]).toBeCloseTo(observed[0]!, 12)
    expect(times.at(-1)).toBeCloseTo(observed[0]! + 1.25 * (observed.at(-1)! - observed[0]!), 12)
  })

  test('quantiles ascend, the median is near the mean, spread is positive', async () => {
    for (const row of await predict('--at', '0.2,1')) {
      const [q05, q25, q50, q75, q95] = ['q05', 'q25', 'q50', 'q75', 'q95'].map((name) => Number(row[name])) as [
        number,
        number,
        number,
        number,
        number,
      ]
      expect(q05 < q25 && q25 < q50 && q50 < q75 && q75 < q95).toBe(true)
      expect(Math.abs(q50 - Number(row['mean']))).toBeLessThan(Number(row['sd']))
      // For a bell curve q95 − q05 is 3.29 sd.
      expect((q95 - q05) / Number(row['sd'])).toBeGreaterThan(2.8)
      expect((q95 - q05) / Number(row['sd'])).toBeLessThan(3.8)
    }
  })

  test('--at', async () => {
    const rows = await predict('--at', '0:1:0.25,3')
    expect(rows.filter(({ id, channel }) => id === '5' && channel === 'x').map(({ time }) => time)).toEqual([
      '0',
      '0.25',
      '0.5',
      '0.75',
      '1',
      '3',
    ])
  })

  test('--horizon and --step count from the last observation; running past the training span is a warning', async () => {
    await good('fit', 'spirals.csv', ...tiny, '--origin', 'first', '--out', 'first.model.safetensors')
    const { out, err } = await good(
      'predict',
      'first.model.safetensors',
      'spirals.csv',
      '--horizon',
      '10',
      '--step',
      '5',
      '--samples',
      '2',
      '--out',
      '-',
    )
    const last = Number(
      table(readFileSync('spirals.csv', 'utf8'))
        .filter(({ id }) => id === '0')
        .at(-1)!['time'],
    )
    const times = table(out)
      .filter(({ id, channel }) => id === '0' && channel === 'y')
      .map(({ time }) => Number(time))
    expect(times[0]).toBeCloseTo(last + 5, 9)
    expect(times[1]).toBeCloseTo(last + 10, 9)
    expect(times).toHaveLength(2)
    expect(err).toMatch(/Warning: Forecasts of all series run up to [\d.]+ units of time past the time span that the model was trained on/)
    expect((await good('predict', 'first.model.safetensors', 'spirals.csv', '--at', '-5', '--samples', '2', '--out', '-')).err).toContain(
      'Warning: For all series times before the first observation are asked for.',
    )
  })

  test('--samples and --seed', async () => {
    const [a, b, c, d] = [
      await predict('--at', '1'),
      await predict('--at', '1'),
      await predict('--at', '1', '--seed', '2'),
      await predict('--at', '1', '--samples', '21'),
    ]
    expect(a).toEqual(b)
    expect(a).not.toEqual(c)
    expect(a).not.toEqual(d)
  })

  test('--json: the rows of the table, or where they are', async () => {
    const { document } = await runJson<{ rows: Record<string, unknown>[]; warnings: string[] }>(
      'predict',
      model,
      'spirals.csv',
      '--at',
      '1',
      '--samples',
      '20',
    )
    expect(document.rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, String(cell)])))).toEqual(
      await predict('--at', '1'),
    )
    expect(document).toMatchObject({
      model,
      data: 'spirals.csv',
      channels: ['x', 'y'],
      series: 12,
      failed: [],
      samples: 20,
      seed: 1,
      time: { kind: 'number' },
    })
    const other = await runJson('predict', model, 'spirals.csv', '--at', '1', '--samples', '2', '--out', 'rows.csv')
    expect(other.document).toMatchObject({ out: 'rows.csv', rowCount: 24 })
    expect(other.document).not.toHaveProperty('rows')
    expect(table(readFileSync('rows.csv', 'utf8'))).toHaveLength(24)
  })

  test('a series is predicted the same alone as among others', async () => {
    const { write } = folder
    const [header, ...lines] = readFileSync('spirals.csv', 'utf8').trim().split('\n')
    const alone = write('alone.csv', `${[header, ...lines.filter((line) => line.startsWith('7,'))].join('\n')}\n`)
    const rows = table((await good('predict', model, alone, '--samples', '20', '--at', '1', '--out', '-')).out)
    const among = (await predict('--at', '1')).filter(({ id }) => id === '7')
    // The engine computes in single precision, and sums in an order that depends on the batch.
    rows.forEach((row, i) => expect(Number(row['mean'])).toBeCloseTo(Number(among[i]!['mean']), 4))
  })

  test('a series whose solve fails is left out, with a warning', async () => {
    await good('fit', 'spirals.csv', ...tiny, '--max-steps', '10', '--out', 'short.model.safetensors', '--quiet')
    const { document, err } = await runJson<{ rows: unknown[]; failed: string[]; series: number; warnings: string[] }>(
      'predict',
      'short.model.safetensors',
      'spirals.csv',
      '--at',
      '60',
      '--samples',
      '2',
    )
    expect(document.failed.length).toBeGreaterThan(0)
    expect(document.series).toBe(12 - document.failed.length)
    expect(document.series).toBeGreaterThan(0)
    expect(document.rows).toHaveLength(2 * document.series)
    expect(err).toContain(`${document.failed.length} of 12 series could not be forecast and have no rows: `)
  })

  test('dates come back as dates', async () => {
    const { write } = folder
    const rows = ['s1', 's2', 's3', 's4'].flatMap((id, s) =>
      Array.from({ length: 6 }, (_, i) => `${id},2024-01-${String(1 + 2 * i + (s % 2)).padStart(2, '0')},${Math.sin(i + s)}`),
    )
    const file = write('sales.csv', `shop,date,sold\n${rows.join('\n')}\n`)
    await good('fit', file, '--id', 'shop', ...tiny)
    const at = table(
      (await good('predict', 'sales.model.safetensors', file, '--at', '2024-01-03:2024-01-17:7', '--samples', '3', '--out', '-')).out,
    )
    expect(at.filter(({ id }) => id === 's2').map(({ time }) => time)).toEqual(['2024-01-03', '2024-01-10', '2024-01-17'])
    const ahead = table(
      (await good('predict', 'sales.model.safetensors', file, '--horizon', '4', '--step', '2', '--samples', '3', '--out', '-')).out,
    )
    expect(ahead.filter(({ id }) => id === 's1').map(({ time }) => time)).toEqual(['2024-01-13', '2024-01-15'])
    const { code, err } = await run('predict', 'sales.model.safetensors', file, '--at', '7')
    expect([code, err]).toEqual([2, expect.stringContaining('The time "7" is no ISO date, and times here are dates.')])
  })

  test('Ctrl-C while it writes: exit code 130 and no file', async () => {
    const io = fakeIo()
    const watch = setInterval(() => io.interrupt(), 1)
    const code = await runCommandLine(['predict', model, 'spirals.csv', '--samples', '400', '--out', 'never.csv'], {
      ...io,
      onInterrupt: (listener) => once(io, listener),
    })
    clearInterval(watch)
    expect(code).toBe(130)
    expect(io.text.err).toContain('latent-ode: Interrupted: never.csv was not written.')
    expect(readdirSync('.').filter((name) => name.includes('never'))).toEqual([])
  })
})

/** A second Ctrl-C would end the test's process. */
function once(io: ReturnType<typeof fakeIo>, listener: () => void): () => void {
  let pressed = false
  return io.onInterrupt(() => {
    if (!pressed) listener()
    pressed = true
  })
}
