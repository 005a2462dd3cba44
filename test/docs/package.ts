import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { buildProgram } from '../cli/built.js'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** JavaScript of one module, types taken out and not checked. */
export const transpile = (source: string): string =>
  ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  }).outputText

/**
 * A user's folder, with this package and its dependencies in `node_modules`.
 *
 * @returns the folder, and the main module of the command line
 */
export function installPackage(): { readonly folder: string; readonly main: string; remove(): void } {
  const program = buildProgram()
  const folder = mkdtempSync(join(tmpdir(), 'latent-ode-docs-'))
  const { name, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string
    dependencies: Record<string, string>
  }
  const link = (as: string, target: string): void => {
    const path = join(folder, 'node_modules', as)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path)
  }
  for (const dependency of Object.keys(dependencies)) link(dependency, join(root, 'node_modules', dependency))
  link(name, join(dirname(program.main), '../..'))
  return {
    folder,
    main: program.main,
    remove() {
      program.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
