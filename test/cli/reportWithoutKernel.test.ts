import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { EngineError } from '../../src/errors.js'
import { useFolder, run } from './io.js'

vi.mock('../../src/engine/kernel/kernelFiles.js', async (original) => ({
  ...(await original<object>()),
  wasmBytes: () => {
    throw new EngineError('NoBinary', 'There is no kernel for pages.')
  },
}))

useFolder()

test('report writes the page without the model where there is no kernel for it, and says so', async () => {
  expect((await run('simulate', 'spirals', '--out', 's.csv', '--series', '8', '--points', '8')).code).toBe(0)
  expect((await run('fit', 's.csv', '--out', 's.model.safetensors', '--epochs', '1')).code).toBe(0)
  const { code, err } = await run('report', 's.model.safetensors', 's.csv', '--all', '--out', 's.html')
  expect(code).toBe(0)
  expect(err).toContain('The page is written without the model, which cannot run in it: There is no kernel for pages.')
  const page = readFileSync('s.html', 'utf8')
  expect(page).toContain('id="forecasts"')
  expect(page).not.toContain('id="ask"')
})
