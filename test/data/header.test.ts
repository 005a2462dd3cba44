import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { readHeader } from '../../src/data/header.js'

const folder = mkdtempSync(join(tmpdir(), 'latent-ode-header-'))
afterAll(() => rmSync(folder, { recursive: true }))

const headerOf = (content: string | Uint8Array): Promise<string[]> => {
  writeFileSync(join(folder, 'file'), content)
  return readHeader(join(folder, 'file'))
}

test('names of columns, whatever the delimiter', async () => {
  expect(await headerOf('id,time,a\n1,0,2\n')).toEqual(['id', 'time', 'a'])
  expect(await headerOf('id;time;a\n1;0,5;2\n')).toEqual(['id', 'time', 'a'])
  expect(await headerOf('\ufeffid\ttime\n1\t2\n')).toEqual(['id', 'time'])
  expect(await headerOf('\n\n id ,"first visit, day",\n1,2,3\n')).toEqual(['id', 'first visit, day'])
})

test('of a long file only the beginning is read, also of .gz', async () => {
  // Numbers that do not repeat, so that compression leaves more than is read.
  const rows = Array.from({ length: 100_000 }, (_, i) => `${i},${Math.sin(i)},${Math.cos(i)}`).join('\n')
  expect(await headerOf(`id,time,a\n${rows}\n`)).toEqual(['id', 'time', 'a'])
  const packed = gzipSync(`id,time,a\n${rows}\n`)
  expect(packed.length).toBeGreaterThan(2 ** 17)
  expect(await headerOf(packed)).toEqual(['id', 'time', 'a'])
})

test('no names where there are none to be had', async () => {
  expect(await headerOf('')).toEqual([])
  expect(await headerOf(Uint8Array.from({ length: 3000 }, (_, i) => 128 + (i % 100)))).toEqual([])
  expect(await readHeader(join(folder, 'none'))).toEqual([])
  expect(await readHeader(folder)).toEqual([])
})

test('names as reading would find them: encodings, titles, comments, sep=, blanks', async () => {
  expect(await headerOf(Buffer.from('\ufeffid;Größe\n1;2\n', 'utf16le'))).toEqual(['id', 'Größe'])
  expect(await headerOf(Buffer.from('id;Größe\n1;2\n', 'latin1'))).toEqual(['id', 'Größe'])
  expect(await headerOf('sep=;\n# by x\nid;time\n1;0,5\n')).toEqual(['id', 'time'])
  expect(await headerOf('Report of the clinic\n\nid,time,a\n1,0,2\n1,1,3\n')).toEqual(['id', 'time', 'a'])
  expect(await headerOf('#id time a\n1 0 2\n1 1 3\n')).toEqual(['id', 'time', 'a'])
  expect(await headerOf('{"id":1}\n{"id":2}\n')).toEqual([])
})
test('names of what the options say', async () => {
  writeFileSync(join(folder, 'file'), Buffer.from('a,b\n1,2\nид^время\n1^2\n', 'utf16le'))
  expect(await readHeader(join(folder, 'file'), { encoding: 'utf-16', skipRows: 2 })).toEqual([])
  writeFileSync(join(folder, 'file'), Buffer.from([...Buffer.from('a,b\n1,2\n'), 0xe8, 0xe4, ...Buffer.from(';time\n1;2\n')]))
  expect(await readHeader(join(folder, 'file'), { encoding: 'windows-1251', skipRows: 2 })).toEqual(['ид', 'time'])
})
test('of a long file in UTF-16 too, wherever it is cut', async () => {
  for (const shift of ['', 'x']) {
    const rows = Array.from({ length: 20_000 }, (_, i) => `é${shift},${i},${Math.sin(i)}`).join('\n')
    expect(await headerOf(Buffer.from(`id,time,µ${shift}\n${rows}\n`, 'utf16le').swap16())).toEqual(['id', 'time', `µ${shift}`])
    expect(await headerOf(`id,time,µ${shift}\n${rows}\n`)).toEqual(['id', 'time', `µ${shift}`])
  }
})
