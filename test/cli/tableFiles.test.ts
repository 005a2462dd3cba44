import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/data/fingerprint.js'
import { readSeries } from '../../src/data/read.js'
import { buildProgram, start } from './built.js'
import { run, runJson, useFolder } from './io.js'

useFolder()
const tiny = [
  '--epochs',
  '1',
  '--latents',
  '2',
  '--encoder-units',
  '4',
  '--encoder-field-units',
  '4',
  '--field-units',
  '4',
  '--decoder-units',
  '4',
  '--samples',
  '1',
  '--validation-samples',
  '1',
  '--batch-size',
  '4',
  '--min-steps',
  '1',
]
const good = async (...words: string[]): Promise<string> => {
  const { code, out, err } = await run(...words)
  expect(err).not.toContain('latent-ode:')
  expect(code).toBe(0)
  return out
}

describe('Parquet and Arrow files', () => {
  beforeAll(async () => {
    for (const ending of ['csv', 'parquet', 'arrow'])
      await good('simulate', 'spirals', '--series', '12', '--points', '8', '--cells-observed', '0.7', '--out', `spirals.${ending}`)
    await good('fit', 'spirals.parquet', ...tiny)
  }, 60_000)

  test('are written and read like CSV', async () => {
    const prints = await Promise.all(
      ['csv', 'parquet', 'arrow'].map(async (ending) => fingerprint((await readSeries(`spirals.${ending}`)).set)),
    )
    expect(new Set(prints).size).toBe(1)
    const { document } = await runJson('inspect', 'spirals.arrow')
    expect(document).toMatchObject({ kind: 'data', series: 12, fingerprint: prints[0] })
  })
  test('names of outputs leave out their endings; a model knows the data under any of them', async () => {
    expect(existsSync('spirals.model.safetensors')).toBe(true)
    const { document } = await runJson('evaluate', 'spirals.model.safetensors', 'spirals.csv')
    expect(document).toMatchObject({ fittedTo: true, split: 'test' })
  })
  test('predict writes the same table as CSV, Parquet and Arrow', async () => {
    for (const out of ['f.csv', 'f.parquet', 'f.feather'])
      await good('predict', 'spirals.model.safetensors', 'spirals.parquet', '--horizon', '1', '--step', '0.5', '--out', out)
    expect(readFileSync('f.csv', 'utf8').split('\n')[0]).toBe('id,time,channel,mean,sd,q05,q25,q50,q75,q95')
    const options = { id: 'id', time: 'time', channel: 'channel', value: 'q95' }
    const [csv, parquet, arrow] = await Promise.all(
      ['f.csv', 'f.parquet', 'f.feather'].map(async (path) => (await readSeries(path, options)).set),
    )
    expect(csv!.series).toHaveLength(12)
    expect(parquet).toEqual(csv)
    expect(arrow).toEqual(csv)
  })
  test('dates stay dates', async () => {
    const { writeFileSync } = await import('node:fs')
    writeFileSync(
      'dated.csv',
      `id,day,x\n${Array.from({ length: 24 }, (_, i) => `${i % 6},2024-01-${String(1 + Math.floor(i / 6) * 3).padStart(2, '0')},${Math.sin(i)}`).join('\n')}\n`,
    )
    await good('fit', 'dated.csv', ...tiny)
    for (const out of ['d.csv', 'd.parquet'])
      await good('predict', 'dated.model.safetensors', 'dated.csv', '--horizon', '4', '--step', '2', '--out', out)
    expect(readFileSync('d.csv', 'utf8')).toMatch(/\n0,2024-01-12,x,/)
    const options = { id: 'id', time: 'time', channel: 'channel', value: 'mean' }
    expect((await readSeries('d.parquet', options)).set).toEqual((await readSeries('d.csv', options)).set)
  })
  test('a damaged file is the user’s: exit code 2, with the place in JSON', async () => {
    const { writeFileSync } = await import('node:fs')
    writeFileSync('cut.parquet', readFileSync('spirals.parquet').subarray(0, 300))
    const { code, out } = await run('inspect', 'cut.parquet', '--json')
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'BadParquet', file: 'cut.parquet' } })
  })
})

describe('what is loaded', () => {
  const program = buildProgram()
  afterAll(() => program.remove())
  const tell =
    'data:text/javascript,' +
    encodeURIComponent(
      'import { register } from "node:module"; register("data:text/javascript," + encodeURIComponent("export async function ' +
        'load(url, context, next) { process._rawDebug(url); return next(url, context) }"))',
    )

  test('--help loads no library for files, tables or figures', async () => {
    const { code, err } = await start(process.execPath, ['--import', tell, program.main, '--help']).done
    expect(code).toBe(0)
    expect(err).toContain('cli/main.js')
    expect(err).not.toMatch(/hyparquet|flechette|fzstd|lz4js|arquero|vega|resvg|tfjs/)
  })
})
