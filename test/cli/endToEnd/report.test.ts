import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { run, runJson, useFolder } from '../io.js'
import { good, model, useFittedModel } from './support.js'

useFittedModel(useFolder())

describe('report', () => {
  test('writes one page and says where; --title, --series, --horizon, --out', async () => {
    const { out, err } = await good('report', model, 'spirals.csv', '--samples', '5', '--series', '1')
    expect(out).toMatch(/^spirals\.report\.html \([\d.]+ [KM]iB\)/)
    expect(err).not.toContain('Error')
    const page = readFileSync('spirals.report.html', 'utf8')
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).toContain('A latent ODE of spirals.csv')
    const { document } = await runJson<{ series: string[]; title: string; out: string; bytes: number }>(
      'report',
      model,
      'spirals.csv',
      '--samples',
      '5',
      '--series',
      '2',
      '--horizon',
      '50',
      '--title',
      'Turning & turning',
      '--out',
      'r.html',
    )
    expect(document).toMatchObject({ out: 'r.html', title: 'Turning & turning' })
    expect(document.series).toHaveLength(2)
    const other = readFileSync('r.html', 'utf8')
    expect(other).toMatch(/<h1>Turning &(amp|#38); turning<\/h1>/)
    expect(Buffer.byteLength(other)).toBe(document.bytes)
    expect(other).toMatch(/run up to [\d.,]+ .*past the time span/)
  })

  test('--labels colours the latent space; labels of other series are an error', async () => {
    const ids = [
      ...new Set(
        readFileSync('spirals.csv', 'utf8')
          .split('\n')
          .slice(1)
          .filter(Boolean)
          .map((line) => line.split(',')[0]!),
      ),
    ]
    writeFileSync('turns.csv', ['id,turn,phase', ...ids.map((id, i) => `${id},${i % 2 ? 'left' : 'right'},${i}`)].join('\n'))
    await good(
      'report',
      model,
      'spirals.csv',
      '--samples',
      '5',
      '--series',
      '1',
      '--labels',
      'turns.csv',
      '--name-all',
      '--out',
      'labels.html',
    )
    const page = readFileSync('labels.html', 'utf8')
    expect(page).toMatch(/<option value="\d+" >label turn<\/option>/)
    expect(page).toMatch(/<li><svg[^>]*><rect [^>]*\/><\/svg>right<\/li>/)
    writeFileSync('strange.csv', 'id,turn\nnobody,left\n')
    const refused = await run('report', model, 'spirals.csv', '--samples', '5', '--labels', 'strange.csv', '--out', 'strange.html')
    expect(refused.code).toBe(2)
    expect(refused.err).toContain('none of the 1 rows has the id of a series of the data')
  })

  test('--all takes series that were trained on, and says so', async () => {
    const { document } = await runJson<{ series: string[] }>(
      'report',
      model,
      'spirals.csv',
      '--samples',
      '5',
      '--series',
      '9',
      '--all',
      '--out',
      'all.html',
    )
    expect(document.series).toHaveLength(9)
    expect(
      (await runJson<{ series: string[] }>('report', model, 'spirals.csv', '--samples', '5', '--series', '9', '--out', 'test.html'))
        .document.series,
    ).toHaveLength(2)
    expect(readFileSync('all.html', 'utf8')).toContain('flatter it')
  })

  test('its numbers are those that evaluate prints', async () => {
    await good('report', model, 'spirals.csv', '--samples', '20', '--series', '0', '--out', 'numbers.html')
    const page = readFileSync('numbers.html', 'utf8')
    for (const task of ['interpolation', 'extrapolation']) {
      const { document } = await runJson<{ mse: number }>('evaluate', model, 'spirals.csv', '--task', task, '--samples', '20')
      // Shown rounded; the whole number is in the markup.
      expect(page).toContain(`<data value="${document.mse}"`)
    }
  })
})
