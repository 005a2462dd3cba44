import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModelKind } from '../../src/model/modelKind.js'
import { models, type ModelName } from '../../src/model/models.js'
import { random } from '../../src/random.js'
import { blocksOf, pages } from './blocks.js'
import { installPackage, root, transpile } from './package.js'

/**
 * What the pages promise. Blocks tagged `sh` whose lines begin with `npx latent-ode` are typed into a shell, page after
 * page, in one folder with a file visits.csv; blocks tagged `ts` are type-checked and run there. So that it stays
 * quick, every fit of a model that is trained gets 2 epochs (`--epochs 2` is put at the end of the line, `epochs: 2` in the place of another number).
 */
const commands = pages.flatMap(blocksOf).filter(({ language, text }) => language === 'sh' && text.startsWith('npx latent-ode'))
const scripts = pages.flatMap(blocksOf).filter(({ language }) => language === 'ts')

const execute = promisify(execFile)
let folder: string
let main: string
let remove: () => void

beforeAll(() => {
  ;({ folder, main, remove } = installPackage())
  writeFileSync(join(folder, 'visits.csv'), visits())
}, 60_000)
afterAll(() => remove())

/** 24 patients, 5 to 9 visits over some 200 days, weight and pulse, some cells empty. */
function visits(): string {
  const lines = ['patient,day,weight,pulse']
  for (let patient = 1; patient <= 24; patient++) {
    const draw = random(1, 'visits', patient)
    const [weight, pulse] = [60 + 25 * draw.uniform(), 60 + 20 * draw.uniform()]
    let day = 0
    for (let visit = 5 + draw.integer(5); visit > 0; visit--) {
      const cell = (value: number): string => (draw.uniform() < 0.15 ? '' : value.toFixed(1))
      lines.push(`p${patient},${day},${cell(weight + 3 * Math.sin(day / 40) + draw.normal())},${(pulse + 4 * draw.normal()).toFixed(0)}`)
      day += 7 + draw.integer(40)
    }
  }
  return `${lines.join('\n')}\n`
}

describe('commands', () => {
  test('there are some', () => expect(commands).not.toEqual([]))

  test.each(commands)(
    '$where',
    async ({ text }) => {
      for (const line of text.split('\n').filter((command) => command.trim() !== '' && !command.startsWith('#'))) {
        expect(line).toMatch(/^npx latent-ode /)
        const [, model] = / --model (\S+)/.exec(line) ?? []
        const estimated = model !== undefined && (models[model as ModelName] as ModelKind).estimated
        const called = line.replace('npx latent-ode', '"$NODE" "$MAIN"')
        const typed = estimated ? called : called.replace(/( fit [^#|]*?)(\s*(#.*)?)$/, '$1 --epochs 2$2')
        // A command that fails rejects, with what it printed.
        await execute('sh', ['-c', typed], { cwd: folder, env: { ...process.env, NODE: process.execPath, MAIN: main } })
      }
    },
    120_000,
  )
})

describe('TypeScript', () => {
  test('there is some', () => expect(scripts).not.toEqual([]))

  test('is right about types', () => {
    // Beside src/, so that dependencies are found; not written to disk.
    const nameOf = (i: number): string => join(root, `docs-example-${i}.ts`)
    const sources = new Map(scripts.map(({ text }, i) => [nameOf(i), `${text}\nexport {}\n`]))
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: object }
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['src/index.ts'] }, ts.sys, root)
    const settings: ts.CompilerOptions = {
      ...options,
      noEmit: true,
      noUnusedLocals: false,
      paths: {
        'latent-ode': ['./src/index.ts'],
        'latent-ode/notebook': ['./src/notebook/index.ts'],
        'latent-ode/*': ['./src/entry/*.ts'],
      },
      baseUrl: root,
    }
    const host = ts.createCompilerHost(settings)
    const { fileExists, readFile, getSourceFile } = host
    host.fileExists = (name) => sources.has(name) || fileExists(name)
    host.readFile = (name) => sources.get(name) ?? readFile(name)
    host.getSourceFile = (name, version, ...rest) =>
      sources.has(name) ? ts.createSourceFile(name, sources.get(name)!, version) : getSourceFile(name, version, ...rest)
    const program = ts.createProgram([...sources.keys()], settings, host)
    const wrong = scripts.flatMap(({ where }, i) => {
      const file = program.getSourceFile(nameOf(i))!
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
        ({ start, messageText }) =>
          `${where}, line ${file.getLineAndCharacterOfPosition(start ?? 0).line + 1}: ` +
          `${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      )
    })
    expect(wrong).toEqual([])
  }, 120_000)

  test.concurrent.each(scripts)(
    '$where',
    async ({ text }) => {
      const script = join(mkdtempSync(join(folder, 'script-')), 'example.mjs')
      writeFileSync(script, transpile(text.replace(/\bepochs: \d+/g, 'epochs: 2')))
      await execute(process.execPath, [script], { cwd: folder })
    },
    120_000,
  )
})
