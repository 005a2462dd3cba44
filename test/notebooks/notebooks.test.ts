import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const notebooks = readdirSync(join(root, 'notebooks')).filter((name) => name.endsWith('.ipynb'))
const found = (command: string, ...words: string[]): boolean => spawnSync(command, words, { stdio: 'ignore' }).status === 0
const jupyter = found('jupyter', 'nbconvert', '--version')
if (!jupyter) console.warn('Notebooks are not run: there is no jupyter nbconvert (Debian: apt-get install jupyter-notebook python3-nbclient jupyter-nbconvert).')

interface Output { readonly name?: string; readonly text?: readonly string[]; readonly output_type: string }
interface Notebook { readonly cells: readonly { readonly cell_type: string; readonly source: readonly string[]; readonly execution_count?: number | null; readonly outputs?: readonly Output[] }[] }
const read = (path: string): Notebook => JSON.parse(readFileSync(path, 'utf8')) as Notebook

test('notebooks are kept without outputs, so that they do not change when they are run', () => {
  expect(notebooks).not.toEqual([])
  for (const name of notebooks) {
    const ran = read(join(root, 'notebooks', name)).cells.filter(({ cell_type, outputs, execution_count }) => cell_type === 'code' && (outputs?.length !== 0 || execution_count !== null))
    expect(ran, name).toEqual([])
  }
})

/** The package as it is published, compiled from these sources, in a node_modules folder beside the notebooks. */
describe.skipIf(!jupyter)('in Jupyter, with the kernel of tslab', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latent-ode-notebooks-'))
  const resolve = createRequire(import.meta.url).resolve

  beforeAll(() => {
    const built = join(folder, 'package')
    execFileSync(process.execPath, [resolve('typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', join(built, 'dist')], { stdio: 'inherit' })
    cpSync(join(root, 'package.json'), join(built, 'package.json'))
    symlinkSync(join(root, 'node_modules'), join(built, 'node_modules'))
    mkdirSync(join(folder, 'work/node_modules'), { recursive: true })
    symlinkSync(built, join(folder, 'work/node_modules/latent-ode'))
    // What `tslab install` writes; it would need to be told which Python has Jupyter.
    const kernel = join(folder, 'share/kernels/tslab')
    mkdirSync(kernel, { recursive: true })
    writeFileSync(join(kernel, 'kernel.json'), JSON.stringify({
      argv: [join(root, 'node_modules/.bin/tslab'), 'kernel', '--config-path', '{connection_file}'], display_name: 'TypeScript', language: 'typescript',
    }))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs a notebook of the work folder; throws with what Jupyter says if a cell throws. */
  const run = (name: string): Notebook => {
    const { status, stderr } = spawnSync('jupyter', ['nbconvert', '--to', 'notebook', '--execute', name, '--output', `ran-${name}`], {
      cwd: join(folder, 'work'), encoding: 'utf8', env: { ...process.env, JUPYTER_PATH: join(folder, 'share') },
    })
    if (status !== 0) throw new Error(stderr)
    return read(join(folder, 'work', `ran-${name}`))
  }

  test.each(notebooks)('%s runs', (name) => {
    copyFileSync(join(root, 'notebooks', name), join(folder, 'work', name))
    const printed = run(name).cells.flatMap(({ outputs }) => outputs ?? [])
    expect(printed.filter(({ output_type, name: stream }) => output_type === 'error' || stream === 'stderr')).toEqual([])
    const text = printed.flatMap((output) => output.text ?? []).join('')
    expect(text).toMatch(/\d/)
    expect(text).not.toMatch(/\bNaN\b|undefined/)
  })

  test('a cell that uses what there is not fails: tslab checks types against the declarations', () => {
    const cell = (source: string) => ({ cell_type: 'code', id: 'a', metadata: {}, execution_count: null, outputs: [], source: [source] })
    writeFileSync(join(folder, 'work/wrong.ipynb'), JSON.stringify({
      cells: [cell("import * as lode from 'latent-ode'\nlode.simulatePeriodic({ count: 2 }).nothing")],
      metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } }, nbformat: 4, nbformat_minor: 5,
    }))
    expect(() => run('wrong.ipynb')).toThrow('CellExecutionError')
  })
})
