import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { LatentOdeError } from '../../errors.js'

/**
 * The scripts that draw, to be written into the page: Vega and Vega-Lite as globals, and Vega's expression
 * interpreter, which lets the page forbid code made from text.
 *
 * @throws LatentOdeError `ReportLibrary` if a package is not laid out as expected
 */
export async function libraries(): Promise<{ readonly code: string; readonly licences: string }> {
  const [vega, vegaLite, interpreter] = await Promise.all([
    source('vega', 'build/vega.min.js'),
    source('vega-lite', 'build/vega-lite.min.js'),
    source('vega-interpreter', 'build/vega-interpreter.js'),
  ])
  const licences = await Promise.all(
    ['vega', 'vega-lite', 'vega-interpreter'].map(async (name) => `${name}\n\n${await source(name, 'LICENSE')}`),
  )
  return {
    code: [vega, vegaLite, fromModule(interpreter)].map(withoutSourceMap).join('\n;\n'),
    licences: licences.join('\n\n'),
  }
}

/** The interpreter comes as a module only; its one import is of functions that the global `vega` has as well. */
function fromModule(code: string): string {
  const imports = /^import \{([^}]*)\} from 'vega-util';$/m
  const exports = /^export \{ (\w+) as expressionInterpreter \};$/m
  if (!imports.test(code) || !exports.test(code)) throw unexpected('vega-interpreter', 'its module has other imports or exports')
  return `(() => {\n'use strict';\n${code.replace(imports, 'const {$1} = vega;').replace(exports, 'vega.expressionInterpreter = $1;')}\n})()`
}

/** A file of a package, for its text. */
export async function source(name: string, path: string): Promise<string> {
  try {
    const require = createRequire(import.meta.url)
    // The packages do not export their browser builds, so these are looked for from the package's folder.
    const text = await readFile(join(packageFolder(require.resolve(name), name), path), 'utf8')
    return text.replace(/\r\n?/g, '\n')
  } catch (cause) {
    throw unexpected(name, `${path} cannot be read`, cause)
  }
}

/** The folder of the package that the file belongs to. */
function packageFolder(file: string, name: string): string {
  let folder = dirname(file)
  while (!folder.endsWith(join('node_modules', name)) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

function withoutSourceMap(code: string): string {
  return code.replace(/^\/\/# sourceMappingURL=.*$/gm, '')
}

function unexpected(name: string, what: string, cause?: unknown): LatentOdeError {
  return new LatentOdeError(
    'ReportLibrary',
    `The report needs the package ${name}, but ${what}. Install this package's dependencies again.`,
    { cause },
  )
}
