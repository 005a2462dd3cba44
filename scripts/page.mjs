// Bundles src/report/live/page/ to dist/page/live.js, the one script by which a fitted model runs inside a report: the
// WebAssembly engine, the solver and the model, the same code that `predict` runs, without TensorFlow.js and Node.
//   node scripts/page.mjs
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const output = join(root, 'dist/page/live.js')

/** Writes the bundle and returns the paths of what went into it. */
export async function buildPage() {
  const bundle = await rolldown({
    input: join(root, 'src/report/live/page/main.ts'),
    platform: 'browser',
    cwd: root,
    external: [],
    onLog(_level, log) {
      throw new Error(log.message)
    },
  })
  const {
    output: [{ code, modules, imports }],
  } = await bundle.generate({ format: 'iife', minify: true, comments: false, codeSplitting: false })
  await bundle.close()
  if (imports.length > 0) throw new Error(`The page's script imports ${imports.join(', ')}, which no page has.`)
  mkdirSync(dirname(output), { recursive: true })
  // Tests may read it meanwhile.
  const temporary = `${output}.${process.pid}.tmp`
  writeFileSync(temporary, code)
  renameSync(temporary, output)
  return Object.entries(modules)
    .filter(([, { renderedLength }]) => renderedLength > 0)
    .map(([path]) => path)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildPage()
