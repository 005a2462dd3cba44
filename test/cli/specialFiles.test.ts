import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  createReadStream,
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { runCommandLine } from '../../src/cli/run.js'
import { readModel } from '../../src/train/modelFile.js'
import { fakeIo, run, runJson, useFolder } from './io.js'

useFolder({ each: true })

const pipes = process.platform !== 'win32'
const tiny = [
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
  '--epochs',
  '1',
  '--quiet',
]
const simulate = (...words: string[]) => run('simulate', 'spirals', '--series', '4', '--points', '4', ...words)

async function readAll(path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(path)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

beforeEach(async () => {
  await simulate('--quiet')
})

describe.skipIf(!pipes)('--out with a pipe', () => {
  test.each(['pipe', 'pipe.parquet', 'pipe.arrow'])('%s: what a file of that name would hold', async (pipe) => {
    execFileSync('mkfifo', [pipe])
    const [got, result] = await Promise.all([readAll(pipe), simulate('--out', pipe)])
    await simulate('--out', `file-${pipe}`)
    expect(got.equals(readFileSync(`file-${pipe}`))).toBe(true)
    expect(lstatSync(pipe).isFIFO()).toBe(true)
    // What was read from a pipe is not there for a next command.
    expect(result).toEqual({ code: 0, out: `${pipe}: 4 series, 16 rows, x, y\n`, err: '' })
  })

  test('a model: its checkpoint is a file in this folder', async () => {
    execFileSync('mkfifo', ['pipe'])
    const [got, result] = await Promise.all([readAll('pipe'), run('fit', 'spirals.csv', ...tiny, '--out', 'pipe')])
    expect(result.code).toBe(0)
    expect(result.out).not.toContain('Next')
    writeFileSync('got.safetensors', got)
    await run('fit', 'spirals.csv', ...tiny, '--out', 'file.safetensors')
    expect((await readModel('got.safetensors')).parameters).toEqual((await readModel('file.safetensors')).parameters)
    expect(readdirSync('.').sort()).toEqual(['file.safetensors', 'got.safetensors', 'pipe', 'spirals.csv'])
  })

  test('a model whose reader goes is an error, and is still to be had', async () => {
    execFileSync('mkfifo', ['pipe'])
    // As much as a pipe holds is written before anybody reads: wider layers make the model larger.
    const fit = run('fit', 'spirals.csv', ...tiny, '--field-units', '200', '--field-layers', '2', '--out', 'pipe')
    const reader = createReadStream('pipe', { highWaterMark: 1 })
    reader.once('data', () => reader.destroy())
    expect(await fit).toEqual({
      code: 2,
      out: '',
      err:
        'latent-ode: pipe: whoever read it has gone before the model was whole. What was learnt is in spirals.checkpoint.safetensors. ' +
        'To write it again: latent-ode fit spirals.csv --out pipe --resume\n',
    })
    const [got, again] = await Promise.all([readAll('pipe'), run('fit', 'spirals.csv', '--out', 'pipe', '--resume', '--quiet')])
    expect(again.code).toBe(0)
    writeFileSync('got.safetensors', got)
    expect((await readModel('got.safetensors')).keptEpoch).toBe(1)
    expect(readdirSync('.').sort()).toEqual(['got.safetensors', 'pipe', 'spirals.csv'])
  })

  test('figures and pages; Markdown has files beside it, so it needs a file', async () => {
    await run('fit', 'spirals.csv', ...tiny, '--out', 'm.safetensors')
    execFileSync('mkfifo', ['pipe'])
    const report = (...words: string[]) =>
      run('report', 'm.safetensors', 'spirals.csv', '--series', '1', '--samples', '2', '--all', '--quiet', ...words)
    const [png] = await Promise.all([readAll('pipe'), report('--format', 'png', '--out', 'pipe')])
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
    const [page] = await Promise.all([readAll('pipe'), report('--no-live', '--out', 'pipe')])
    expect(page.toString()).toMatch(/^<!doctype html>[^]*<\/html>\s*$/i)
    expect(await report('--format', 'md', '--out', 'pipe')).toEqual({
      code: 2,
      out: '',
      err: 'latent-ode: Markdown has its figures in files beside it, so it cannot go to pipe, which is no file. Name a file with --out.\n',
    })
    expect(readdirSync('.').sort()).toEqual(['m.safetensors', 'pipe', 'spirals.csv'])
  })

  test('--checkpoint needs a file', async () => {
    execFileSync('mkfifo', ['pipe'])
    expect(await run('fit', 'spirals.csv', ...tiny, '--checkpoint', 'pipe')).toEqual({
      code: 2,
      out: '',
      err: 'latent-ode: pipe: this is no file, and what is written there could not be read again. Name a file with --checkpoint.\n',
    })
  })
})

test('a device is written to, and its checkpoint is not beside it', async ({ skip }) => {
  if (spawnSync('mknod', ['null', 'c', '1', '3']).status !== 0) skip('devices cannot be made here')
  try {
    writeFileSync('null', 'x', { flag: 'r+' })
  } catch {
    skip('devices do not work in the folder of temporary files')
  }
  expect((await simulate('--out', 'null')).code).toBe(0)
  expect((await run('fit', 'spirals.csv', ...tiny, '--out', 'null')).code).toBe(0)
  expect((await run('fit', 'spirals.csv', ...tiny, '--checkpoint', 'null')).err).toContain('null: this is no file')
  expect(lstatSync('null').isCharacterDevice()).toBe(true)
  expect(readdirSync('.').sort()).toEqual(['null', 'spirals.csv'])
})

describe('--out with a link', () => {
  test('writes the file that it leads to, with the permissions that it had', async () => {
    writeFileSync('old.csv', 'old')
    chmodSync('old.csv', 0o640)
    symlinkSync('old.csv', 'link.csv')
    symlinkSync('new.model.safetensors', 'link.safetensors')
    expect((await simulate('--out', 'link.csv')).code).toBe(0)
    expect(readFileSync('old.csv').equals(readFileSync('spirals.csv'))).toBe(true)
    expect([readlinkSync('link.csv'), statSync('old.csv').mode & 0o777]).toEqual(['old.csv', 0o640])
    expect((await run('fit', 'spirals.csv', ...tiny, '--out', 'link.safetensors')).code).toBe(0)
    expect((await readModel('new.model.safetensors')).channels).toEqual(['x', 'y'])
    expect(readdirSync('.').sort()).toEqual(['link.csv', 'link.safetensors', 'new.model.safetensors', 'old.csv', 'spirals.csv'])
  })

  test('never writes over what is read, by whatever name', async () => {
    symlinkSync('spirals.csv', 'link.csv')
    symlinkSync('to-be', 'one')
    symlinkSync('to-be', 'two')
    const before = readFileSync('spirals.csv')
    for (const words of [
      ['spirals.csv', '--out', 'link.csv'],
      ['link.csv', '--out', 'spirals.csv'],
      ['spirals.csv', '--checkpoint', 'link.csv'],
      ['spirals.csv', '--out', 'one', '--checkpoint', 'two'],
    ]) {
      const { code, err } = await run('fit', ...words, ...tiny)
      expect([code, err]).toEqual([
        2,
        `latent-ode: ${words.at(-1)}: this file is read by the same command, and would be written over. Name another with --out.\n`,
      ])
    }
    expect(readFileSync('spirals.csv').equals(before)).toBe(true)
    expect(readdirSync('.').sort()).toEqual(['link.csv', 'one', 'spirals.csv', 'two'])
  })

  test('a checkpoint is removed where the link leads, and the link stays', async () => {
    symlinkSync('kept-here', 'c.safetensors')
    expect((await run('fit', 'spirals.csv', ...tiny, '--checkpoint', 'c.safetensors')).code).toBe(0)
    expect(readdirSync('.').sort()).toEqual(['c.safetensors', 'spirals.csv', 'spirals.model.safetensors'])
  })
})

describe('--out with a name of standard output', () => {
  test('a table, and nothing else there', async () => {
    expect((await simulate('--out', '/dev/stdout')).out).toBe(readFileSync('spirals.csv', 'utf8'))
    expect((await simulate('--out', '/dev/stdout')).err).toBe('')
  })

  test('a model: what people read goes to standard error', async () => {
    for (const out of ['-', '/dev/stdout']) {
      const { code, out: bytes, err } = await run('fit', 'spirals.csv', ...tiny.filter((word) => word !== '--quiet'), '--out', out)
      expect(code).toBe(0)
      expect(err).toMatch(/\nTraining +1 epoch/)
      expect(err).not.toContain('Next')
      writeFileSync('got.safetensors', bytes, 'latin1')
      expect((await readModel('got.safetensors')).channels).toEqual(['x', 'y'])
    }
    expect(readdirSync('.').sort()).toEqual(['got.safetensors', 'spirals.csv'])
  })

  test('not beside --json, and no model on a terminal', async () => {
    const { code, document } = await runJson('simulate', 'spirals', '--out', '/dev/stdout')
    expect([code, document]).toEqual([
      2,
      {
        error: {
          code: 'Usage',
          message: '--json and --out /dev/stdout both want standard output. Leave one of them out, or name a file with --out.',
        },
      },
    ])
    expect((await runJson('fit', 'spirals.csv', '--out', '-')).document).toMatchObject({ error: { code: 'Usage' } })
    const io = fakeIo()
    expect(await runCommandLine(['fit', 'spirals.csv', '--out', '-'], { ...io, stdout: { ...io.stdout, isTTY: true } })).toBe(2)
    expect(io.text).toEqual({
      out: '',
      err: 'latent-ode: --out -: a model is no text, so it does not go to a terminal. Redirect standard output, or name a file.\n',
    })
  })
})
