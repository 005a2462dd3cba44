import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { findCircle, readImports } from './imports.js'

it('finds a circle, and none where there is none', () => {
  const chain = new Map([
    ['a', ['b', 'c']],
    ['b', ['c']],
    ['c', ['d']],
  ])
  expect(findCircle(chain)).toBeUndefined()
  expect(findCircle(new Map([...chain, ['d', ['b']]]))).toEqual(['b', 'c', 'd', 'b'])
})

it('files of src/ do not import each other in circles, types included', () => {
  const imports = readImports(fileURLToPath(new URL('../../src', import.meta.url)))
  expect(imports.get('engine/select.ts')).toContain('engine/kernel/kernelEngine.ts')
  expect(imports.get('engine/select.ts'), 'imports at run time').toContain('engine/tfjs/tfjs.ts')
  expect(findCircle(imports)?.join(' -> ')).toBeUndefined()
})
