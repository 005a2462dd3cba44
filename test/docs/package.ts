import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }

/** JavaScript of one module, types taken out and not checked. */
export const transpile = (source: string): string => ts.transpileModule(source, { compilerOptions: options }).outputText

/**
 * A user's folder: this package, transpiled from src/ in a second or two, and its dependencies in `node_modules`.
 *
 * @returns the folder, and the main module of the command line
 */
export function installPackage(): { folder: string; main: string } {
  const top = mkdtempSync(join(tmpdir(), 'latent-ode-docs-'))
  const [built, folder] = [join(top, 'package'), join(top, 'work')]
  for (const file of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
    const target = join(built, 'dist', file.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, transpile(readFileSync(join(root, 'src', file), 'utf8')))
  }
  cpSync(join(root, 'package.json'), join(built, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(built, 'node_modules'))
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link)
  }
  symlinkSync(built, join(folder, 'node_modules/latent-ode'))
  return { folder, main: join(built, 'dist/cli/main.js') }
}
