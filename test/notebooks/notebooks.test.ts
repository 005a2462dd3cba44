import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const notebooks = readdirSync(join(root, 'notebooks')).filter((name) => name.endsWith('.ipynb')).sort()
const found = (command: string, ...words: string[]): boolean => spawnSync(command, words, { stdio: 'ignore' }).status === 0
const jupyter = found('jupyter', 'nbconvert', '--version')
if (!jupyter) console.warn('Notebooks are not run: there is no jupyter nbconvert (Debian: apt-get install jupyter-notebook python3-nbclient jupyter-nbconvert).')

interface Output { readonly name?: string; readonly text?: string | readonly string[]; readonly data?: Readonly<Record<string, string | readonly string[]>>; readonly output_type: string }
interface Cell { readonly cell_type: string; readonly source: readonly string[]; readonly execution_count?: number | null; readonly outputs?: readonly Output[] }
interface Notebook { readonly cells: readonly Cell[] }
const read = (path: string): Notebook => JSON.parse(readFileSync(path, 'utf8')) as Notebook
const codeCells = ({ cells }: Notebook): Cell[] => cells.filter(({ cell_type }) => cell_type === 'code')
const outputsOf = (notebook: Notebook): Output[] => codeCells(notebook).flatMap(({ outputs }) => outputs ?? [])
const textOf = (text: string | readonly string[] = ''): string => (typeof text === 'string' ? text : text.join(''))
/** What an output is, without what is in it: numbers may differ in their last digits from machine to machine. */
const kindOf = ({ output_type, name, data }: Output): string => [output_type, name, ...Object.keys(data ?? {})].filter(Boolean).join(' ')

/** Seconds that a notebook may take. */
const LONGEST = 60

describe('notebooks as they are saved', () => {
  test('there are the five that were promised', () => expect(notebooks).toEqual(expect.arrayContaining(['adjoint-gradients.ipynb', 'clinical-data.ipynb', 'comparing-models.ipynb', 'first-steps.ipynb', 'latent-space.ipynb'])))

  describe.each(notebooks)('%s', (name) => {
    const path = join(root, 'notebooks', name)
    const notebook = read(path)

    test('was run from clean, every cell in its turn', () => expect(codeCells(notebook).map(({ execution_count }) => execution_count)).toEqual(codeCells(notebook).map((_, i) => i + 1)))
    test('shows what came out: words, figures as images, no errors', () => {
      const outputs = outputsOf(notebook)
      expect(outputs.filter(({ output_type, name: stream }) => output_type === 'error' || stream === 'stderr')).toEqual([])
      expect(outputs.some(({ data }) => data?.['image/png'] !== undefined)).toBe(true)
      expect(outputs.some(({ data }) => data?.['text/html'] !== undefined)).toBe(true)
      for (const { data } of outputs) if (data?.['image/png'] !== undefined) expect(Buffer.from(textOf(data['image/png']), 'base64').subarray(1, 4).toString()).toBe('PNG')
    })
    test('is small enough to be read on the web, and has nothing of the machine that ran it', () => {
      const text = readFileSync(path, 'utf8')
      expect(text.length).toBeLessThan(500 * 1024)
      const words = text.replace(/"image\/png": "[^"]*"/g, '')
      expect(words).not.toMatch(/\/(home|root|tmp|work|Users)\/|NaN\b|undefined/)
      expect(words).not.toMatch(/"execution": \{|iopub/)
    })
    test('has no lines of code that run out of the page', () => {
      for (const { source } of codeCells(notebook)) for (const line of textOf(source).split('\n')) expect(line.length, line).toBeLessThanOrEqual(112)
    })
  })
})

/** The package as it is published, compiled from these sources, in a node_modules folder beside the notebooks. */
describe.skipIf(!jupyter)('in Jupyter, with the kernel of tslab', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latent-ode-notebooks-'))
  const resolve = createRequire(import.meta.url).resolve

  beforeAll(() => {
    const built = join(folder, 'package')
    execFileSync(process.execPath, [resolve('typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', join(built, 'dist')], { stdio: 'inherit' })
    // Compiled kernels are what the last build left.
    cpSync(join(root, 'dist/kernel'), join(built, 'dist/kernel'), { recursive: true })
    cpSync(join(root, 'package.json'), join(built, 'package.json'))
    symlinkSync(join(root, 'node_modules'), join(built, 'node_modules'))
    const work = join(folder, 'work')
    mkdirSync(join(work, 'node_modules/@tensorflow'), { recursive: true })
    symlinkSync(built, join(work, 'node_modules/latent-ode'))
    for (const dependency of ['@tensorflow/tfjs-core', 'arquero']) symlinkSync(join(root, 'node_modules', dependency), join(work, 'node_modules', dependency))
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

  /** A notebook of cells without outputs. */
  const write = (name: string, sources: readonly string[]): void => writeFileSync(join(folder, 'work', name), JSON.stringify({
    cells: sources.map((source, i) => ({ cell_type: 'code', id: `cell-${i}`, metadata: {}, execution_count: null, outputs: [], source: [source] })),
    metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } }, nbformat: 4, nbformat_minor: 5,
  }))

  test.each(notebooks)('%s runs from clean in under a minute, and gives what is saved', (name) => {
    const saved = read(join(root, 'notebooks', name))
    write(name, codeCells(saved).map(({ source }) => textOf(source)))
    const started = performance.now()
    const ran = run(name)
    expect((performance.now() - started) / 1000).toBeLessThan(LONGEST)
    const outputs = outputsOf(ran)
    expect(outputs.filter(({ output_type, name: stream }) => output_type === 'error' || stream === 'stderr')).toEqual([])
    // Stale outputs are those of other code: the kinds of outputs of each cell are the same, and so are the words in tables.
    expect(codeCells(ran).map((cell) => (cell.outputs ?? []).map(kindOf))).toEqual(codeCells(saved).map((cell) => (cell.outputs ?? []).map(kindOf)))
    const headers = (notebook: Notebook): string[] => outputsOf(notebook).flatMap(({ data }) => [...textOf(data?.['text/html']).matchAll(/<th>([^<]*)<\/th>/g)].map(([, words]) => words!))
    expect(headers(ran)).toEqual(headers(saved))
  })

  test('a cell that uses what there is not fails: tslab checks types against the declarations', () => {
    write('wrong.ipynb', ["import * as lode from 'latent-ode'\nlode.simulatePeriodic({ count: 2 }).nothing"])
    expect(() => run('wrong.ipynb')).toThrow('CellExecutionError')
    write('wrong.ipynb', ["import { display } from 'latent-ode/notebook'\nawait display(1, { series: true })"])
    expect(() => run('wrong.ipynb')).toThrow('CellExecutionError')
  })

  test('names in the data are shown as text; what display does not know is shown as text too', () => {
    const hostile = '<script>alert(1)</script><img src=x onerror=alert(1)>'
    write('names.ipynb', [`import * as lode from 'latent-ode'
import { display } from 'latent-ode/notebook'
const set = { ...lode.simulateSpirals({ count: 3, points: 4 }), channels: [${JSON.stringify(hostile)}, '__proto__'] }
await display(set)`, "await display({ some: 'thing' })", "await display('words')"])
    const [ofSet, ofThing, ofWords] = codeCells(run('names.ipynb')).map(({ outputs }) => outputs ?? [])
    const html = textOf(ofSet![0]!.data!['text/html'])
    expect(html).not.toMatch(/<script|<img/)
    expect(html).toContain('&#60;script&#62;alert(1)')
    expect(html).toContain('__proto__')
    expect(textOf(ofThing![0]!.data!['text/plain'])).toBe("{ some: 'thing' }")
    expect(textOf(ofWords![0]!.data!['text/plain'])).toBe('words')
  })
})
