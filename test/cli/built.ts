import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'rolldown/utils'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The program as JavaScript in a folder of its own, laid out as the package is. Types are checked elsewhere. */
export function buildProgram(): { readonly main: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'latent-ode-built-'))
  for (const name of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue
    const path = join(folder, 'dist', name.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, javascriptOf(name, readFileSync(join(root, 'src', name), 'utf8')))
  }
  // Compiled kernels and the page's script are what the last build left.
  for (const made of ['dist/kernel', 'dist/page'])
    if (existsSync(join(root, made))) cpSync(join(root, made), join(folder, made), { recursive: true })
  for (const shipped of ['package.json', 'datasets']) cpSync(join(root, shipped), join(folder, shipped), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return { main: join(folder, 'dist/cli/main.js'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A module with its types taken out, as the compiler does with `verbatimModuleSyntax`. */
function javascriptOf(name: string, source: string): string {
  const { code, errors } = transformSync(name, source, { target: 'es2022', typescript: { onlyRemoveTypeImports: true } })
  if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join('; ')}`)
  // What ends a script in a tagged template is written with a helper that is not installed. TypeScript, which is slower, leaves it.
  return code.includes('@oxc-project/runtime')
    ? ts.transpileModule(source, { compilerOptions: byTypeScript, fileName: name }).outputText
    : code
}

const byTypeScript: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  verbatimModuleSyntax: true,
}

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

/** Starts a process, in this folder or another; `done` comes when it has ended. */
export function start(
  program: string,
  words: readonly string[],
  env: Record<string, string> = {},
  cwd = process.cwd(),
): { readonly child: ChildProcess; readonly done: Promise<Finished> } {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, cwd })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  return { child, done: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, out, err }))) }
}
