// Module hooks of the benchmarks, see start.mjs.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import typescript from 'typescript'

const here = new URL('.', import.meta.url).href
// For work on the kernel: BENCH_SOURCE=1 measures src/ as it stands, transpiled file by file, instead of dist/.
const fromSource = process.env['BENCH_SOURCE'] === '1'
const [source, built] = [new URL('../src/', here).href, new URL('../dist/', here).href]

/** `./x.js` in bench/ is x.ts; `../src/x.js` is dist/x.js. */
export function resolve(specifier, context, next) {
  const from = context.parentURL ?? ''
  if (!specifier.startsWith('.') || !(from.startsWith(here) || (fromSource && from.startsWith(source)))) return next(specifier, context)
  const url = new URL(specifier, from)
  if (fromSource && url.href.startsWith(source)) return next(url.href.replace(/\.js$/, '.ts'), context)
  if (url.href.startsWith(source)) return next(url.href.replace(source, built), context)
  if (url.href.startsWith(here)) {
    url.pathname = url.pathname.replace(/\.js$/, '.ts')
    // A copy of a module, made by a query, has copies of what it imports.
    url.search ||= new URL(from).search
  }
  return next(url.href, context)
}

export async function load(url, context, next) {
  if (!(url.startsWith(here) || url.startsWith(source)) || !new URL(url).pathname.endsWith('.ts')) return next(url, context)
  const path = fileURLToPath(url.replace(/\?.*$/, ''))
  const { outputText } = typescript.transpileModule(await readFile(path, 'utf8'), {
    fileName: path,
    compilerOptions: {
      module: typescript.ModuleKind.ESNext,
      target: typescript.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
  })
  return { format: 'module', source: outputText, shortCircuit: true }
}
