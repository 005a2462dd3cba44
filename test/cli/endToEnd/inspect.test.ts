import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runJson, useFolder } from '../io.js'
import { good, model, useFittedModel } from './support.js'

const folder = useFolder()
useFittedModel(folder)

describe('inspect and doctor', () => {
  test('a data file: columns, lengths, channels, times, what was guessed', async () => {
    const { write } = folder
    const file = write('visits.csv', 'patient,day,name,bili,chol\n1,0,anna,1,\n1,10,anna,3,5\n2,5,bert,2,7\n')
    const { document } = await runJson('inspect', file)
    expect(document).toMatchObject({
      kind: 'data',
      file,
      idColumn: 'patient',
      timeColumn: 'day',
      series: 2,
      rows: 3,
      observed: 5,
      single: 1,
      earliest: 0,
      latest: 10,
      channels: [
        { channel: 'bili', observed: 3, mean: 2, min: 1, max: 3 },
        { channel: 'chol', observed: 2, mean: 6 },
      ],
      lengths: { min: 1, max: 2 },
      spans: { max: 10 },
    })
    const { out, err } = await good('inspect', file)
    expect(err).toBe('')
    for (const part of [
      'told apart by the column "patient"',
      'Left out the column "name": it holds text',
      '1 series of 2 has a single row',
    ])
      expect(out).toContain(part)
  })

  test('a model file, also by its content', async () => {
    const { document } = await runJson('inspect', model)
    expect(document).toMatchObject({
      kind: 'model',
      channels: ['x', 'y'],
      idColumn: 'id',
      split: { train: 8, validation: 2, test: 2 },
      epochs: 2,
      options: { latents: 2, epochs: 2 },
    })
    const { write } = folder
    write('renamed.bin', readFileSync(model))
    expect((await runJson('inspect', 'renamed.bin')).document).toMatchObject({ kind: 'model', parameters: document['parameters'] })
    const { out } = await good('inspect', model)
    for (const part of ['a fitted model', '8 to train on, 2 to validate, 2 to test', 'Latents', 'Learning rate'])
      expect(out).toContain(part)
  })

  test('doctor: what can compute', async () => {
    const { code, document } = await runJson<{
      ok: boolean
      node: string
      engines: { name: string; available: boolean; detail: string }[]
    }>('doctor')
    expect(code).toBe(0)
    expect(document).toMatchObject({ ok: true, node: process.versions.node })
    expect(document.engines.find(({ name }) => name === 'tfjs')).toMatchObject({ available: true })
    for (const { detail } of document.engines) expect(detail).not.toBe('')
    const { out } = await good('doctor')
    for (const part of ['Node', 'Memory', 'Engines:', 'tfjs/wasm', 'All is well']) expect(out).toContain(part)
  })
})
