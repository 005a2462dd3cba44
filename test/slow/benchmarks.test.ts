import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { start } from '../cli/built.js'
import { run, useFolder } from '../cli/io.js'

useFolder()
const script = fileURLToPath(new URL('../../bench/forecasts/start.mjs', import.meta.url))

test('fits what is missing, skips what is not there, and goes on where it was', async () => {
  mkdirSync('data/milk', { recursive: true })
  await run('simulate', 'spirals', '--series', '20', '--points', '8', '--quiet', '--out', 'data/milk/milk.csv')
  const models = 'latent-ode --epochs 2,ode-rnn --epochs 2'
  const words = [
    '--sets',
    'jaw_growth,milk',
    '--models',
    models,
    '--data',
    'data',
    '--cells',
    'cells',
    '--out',
    'page.md',
    '--threads',
    '1',
  ]
  const first = await start(process.execPath, [script, ...words]).done
  expect(first.err).toContain('jaw_growth: skipped, since there is no data/jaw_growth/jaw_growth.csv')
  expect(first.err).toMatch(/milk, latent-ode --epochs 2, seed 1: \d+\.\d s, \d+ MB\./)
  expect(first.code).toBe(0)
  const page = readFileSync('page.md', 'utf8')
  expect(page).toMatch(/\| milk \| ahead \| \d+ of 3 \| /)
  const second = await start(process.execPath, [script, ...words]).done
  expect(second.err).toContain('milk, ode-rnn --epochs 2, seed 1: there already.')
  expect(readFileSync('page.md', 'utf8')).toBe(page)
})
