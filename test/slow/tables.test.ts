import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/data/fingerprint.js'
import { readSeries, type ReadOptions } from '../../src/data/read.js'
import type { SeriesSet } from '../../src/data/series.js'
import { fromDanfo, type DanfoFrame } from '../../src/data/tables.js'
import { toDanfo, writeTable } from '../../src/train/tables.js'

/** A fixture's packages, installed in a folder of their own; undefined, saying so, where the registry is out of reach. */
function install(name: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), `latent-ode-${name}-`))
  cpSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), folder, { recursive: true })
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status === 0) return folder
  rmSync(folder, { recursive: true, force: true })
  const unreachable = /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|E404|EBADPLATFORM|network/.exec(stderr)
  if (unreachable === null) throw new Error(`npm install of test/slow/fixtures/${name} failed: ${stderr}`)
  console.warn(
    `Tests with the packages of test/slow/fixtures/${name} are skipped: the registry cannot be reached, or has none for this machine ` +
      `(${unreachable[0]}).`,
  )
  return undefined
}

const danfo = install('danfo')
const formats = install('formats')
afterAll(() => [danfo, formats].forEach((folder) => folder !== undefined && rmSync(folder, { recursive: true, force: true })))

describe.skipIf(danfo === undefined)('danfojs-node', () => {
  type Danfo = {
    DataFrame: new (
      data: unknown,
      options?: object,
    ) => DanfoFrame & { shape: [number, number]; column(name: string): { values: unknown[] } }
    readCSV(path: string): Promise<DanfoFrame>
  }
  const load = (): Danfo => createRequire(join(danfo!, 'index.js'))('danfojs-node') as Danfo

  test('a DataFrame goes in: numbers, texts, missing values', () => {
    const frame = new (load().DataFrame)({ patient: ['p', 'p', 'q'], day: [0, 1.5, 3], weight: [70.5, NaN, 81], sex: ['f', 'f', 'm'] })
    const { set, notices } = fromDanfo(frame, { id: 'patient', time: 'day' })
    expect(set).toEqual({
      channels: ['weight'],
      time: { kind: 'number' },
      idColumn: 'patient',
      timeColumn: 'day',
      series: [
        { id: 'p', times: Float64Array.of(0), values: Float64Array.of(70.5), mask: Uint8Array.of(1) },
        { id: 'q', times: Float64Array.of(3), values: Float64Array.of(81), mask: Uint8Array.of(1) },
      ],
    })
    expect(notices).toContain('Left out the column "sex": it holds text (row 1: "f").')
  })
  test('a frame read by danfojs is the set that the file is', async () => {
    const path = fileURLToPath(new URL('../../datasets/oscillators.csv', import.meta.url))
    const { set } = await readSeries(path)
    expect(fingerprint(fromDanfo(await load().readCSV(path)).set)).toBe(fingerprint(set))
  })
  test('a set comes out as a DataFrame and goes in again the same', () => {
    const set: SeriesSet = {
      channels: ['a', 'b'],
      time: { kind: 'date', unit: 'day', epoch: '2024-02-28T00:00:00Z', dateOnly: true },
      idColumn: 'who',
      timeColumn: 'seen',
      series: [
        { id: 'p', times: Float64Array.of(0, 2), values: Float64Array.of(1.5, 0, -2, 0.1), mask: Uint8Array.of(1, 0, 1, 1) },
        { id: 'q', times: Float64Array.of(1), values: Float64Array.of(3, 4), mask: Uint8Array.of(1, 1) },
      ],
    }
    const frame = toDanfo(set, load())
    expect(frame.columns).toEqual(['who', 'seen', 'a', 'b'])
    expect(frame.shape).toEqual([3, 4])
    expect(frame.column('seen').values).toEqual(['2024-02-28', '2024-03-01', '2024-02-29'])
    expect(frame.column('b').values).toEqual([NaN, 0.1, 4])
    expect(fingerprint(fromDanfo(frame, { id: 'who', time: 'seen' }).set)).toBe(fingerprint(set))
  })
  test('errors name rows and columns', () => {
    const frame = new (load().DataFrame)({ id: ['p', 'p'], time: [0, 1], x: ['low', 'high'] })
    expect(() => fromDanfo(frame, { values: ['x'], name: 'frame' })).toThrow('frame, row 1, column "x": there is text among numbers')
    expect(() => fromDanfo(frame.column('x') as unknown as DanfoFrame)).toThrow('This is no DataFrame of danfojs')
  })
})

describe.skipIf(formats === undefined)('Parquet and Arrow files of DuckDB and Polars', () => {
  const written = formats === undefined ? '' : mkdtempSync(join(formats, 'files-'))
  if (formats !== undefined) execFileSync(process.execPath, [join(formats, 'write.mjs'), written], { stdio: 'inherit' })
  const twins = (stem: string): string[] =>
    formats === undefined
      ? []
      : readdirSync(written)
          .filter((name) => name.startsWith(`${stem}.`) && name !== `${stem}.csv`)
          .sort()
  const print = async (name: string, options: ReadOptions): Promise<string> =>
    fingerprint((await readSeries(join(written, name), options)).set)

  test('are all there', () => {
    expect(twins('visits')).toHaveLength(7)
    expect(twins('many')).toHaveLength(8)
    expect(twins('typed')).toHaveLength(5)
  })
  const ways: [string, ReadOptions][] = [
    ...['day', 'local', 'utc'].map((time): [string, ReadOptions] => [
      'visits',
      { id: 'id', time, values: ['whole', 'decimal', 'cents', 'single'] },
    ]),
    ['many', {}],
    ...['when', 'day'].map((time): [string, ReadOptions] => ['typed', { id: 'id', time, values: ['x', 'single', 'whole'] }]),
  ]
  for (const [stem, options] of ways) {
    test.each(twins(stem))(`%s is the set of ${stem}.csv, times from ${options.time ?? 'the column that is guessed'}`, async (name) => {
      expect(await print(name, options)).toBe(await print(`${stem}.csv`, options))
    })
  }
  test('what is no measurement is left out, telling its type; booleans that are named are 1 and 0', async () => {
    const { set, notices } = await readSeries(join(written, 'visits.snappy.parquet'), { id: 'id', time: 'day' })
    expect(set.channels).toEqual(['whole', 'decimal', 'cents', 'single'])
    expect(notices).toContain('Left out the column "list": it has the type LIST.')
    expect(notices).toContain('Left out the column "clock": it has the type TIME.')
    const flags = await readSeries(join(written, 'typed.lz4.feather'), { id: 'id', time: 'day', values: ['flag'] })
    expect(flags.set.series.map(({ values }) => [...values])).toEqual([[1, 0], [1]])
  })

  test('and they read what is written here', async () => {
    const { set } = await readSeries(join(written, 'typed.csv'), { id: 'id', time: 'when', values: ['x', 'whole'] })
    const [parquet, arrow] = [join(written, 'ours.parquet'), join(written, 'ours.arrow')]
    await writeTable(parquet, set)
    await writeTable(arrow, set)
    const seen = JSON.parse(execFileSync(process.execPath, [join(formats!, 'read.mjs'), parquet, arrow], { encoding: 'utf8' })) as Record<
      string,
      unknown
    >
    // The row without x stays: whole was observed there? No: it is null too, so the row is not in the set.
    const rows = [
      ['a', '2024-01-01T06:30:00.123Z', 1.5, 1],
      ['b', '2024-01-01T00:00:00.000Z', 0.1, 0],
      ['b', '2024-01-05T00:00:00.000Z', 4, 4],
    ].map(([id, when, x, whole]) => ({ id, when, x, whole }))
    expect(seen['polarsParquet']).toEqual(rows)
    expect(seen['polarsArrow']).toEqual(rows)
    expect(seen['duck']).toEqual({
      rows: rows.map((row) => ({ ...row, when: String(row.when).replace('T', ' ').replace('.000', '').replace('Z', '+00') })),
      types: ['VARCHAR', 'TIMESTAMP WITH TIME ZONE', 'DOUBLE', 'DOUBLE'],
    })
  })
})
