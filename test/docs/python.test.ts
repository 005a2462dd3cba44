import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { blocksOf, pages } from './blocks.js'

/** What the pages say one writes in Python: SciPy's words and diffrax's, each from the first block to the last as one program. */
const blocks = pages.flatMap(blocksOf).filter(({ language }) => language === 'python')
const isScipys = ({ text }: { text: string }): boolean => /\bsolve_ivp\b/.test(text)
const scipys = blocks.filter(isScipys)
const others = blocks.filter((block) => !isScipys(block))

function hasPython(name: string): boolean {
  try {
    execFileSync('python3', ['-c', `import ${name}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('each problem is there in both', () => {
  expect(scipys.length).toBeGreaterThan(10)
  expect(others).toHaveLength(scipys.length)
})

test.skipIf(!hasPython('scipy')).each([[scipys]])('SciPy runs its own', run, 60_000)
test.skipIf(!hasPython('diffrax')).each([[others]])('diffrax runs its own', run, 120_000)

async function run(program: readonly { text: string }[]): Promise<void> {
  await promisify(execFile)('python3', ['-c', program.map(({ text }) => text).join('\n')])
}
