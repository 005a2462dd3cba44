// `npm run notebooks:save`: runs every notebook from clean and saves it with its outputs, as they are read on the web.
// Names of some only those: `npm run notebooks:save -- first-steps.ipynb`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { jupyterCommand, notebooks, prepareKernel } from './jupyter.mjs'

jupyterCommand('nbconvert')
const env = prepareKernel()
const chosen = process.argv.slice(2).map((path) => basename(path))
const names = readdirSync(notebooks).filter((name) => name.endsWith('.ipynb') && (chosen.length === 0 || chosen.includes(name)))
const folder = mkdtempSync(join(tmpdir(), 'latent-ode-notebooks-'))
for (const name of names) {
  const started = performance.now()
  const { status } = spawnSync('jupyter', ['nbconvert', '--to', 'notebook', '--execute', name, '--output-dir', folder], {
    cwd: notebooks,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) {
    console.error(`${name} did not run: it is left as it was.`)
    process.exitCode = 1
    continue
  }
  const saved = `${JSON.stringify(clean(JSON.parse(readFileSync(join(folder, name), 'utf8'))), null, 1)}\n`
  writeFileSync(join(notebooks, name), saved)
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s, ${Math.round(saved.length / 1024)} kB`)
}
rmSync(folder, { recursive: true })

/**
 * Without what differs from run to run or from machine to machine: times of execution, names of places in an output, versions of Python.
 */
function clean({ cells, nbformat, nbformat_minor }) {
  let count = 0
  return {
    cells: cells.map(({ cell_type, id, metadata: { execution: _, ...metadata }, source, outputs }) => ({
      cell_type,
      id,
      metadata,
      ...(cell_type === 'code' && { execution_count: ++count, outputs: outputs.map(({ transient: _, ...output }) => output) }),
      source,
    })),
    metadata: {
      kernelspec: { display_name: 'TypeScript', language: 'typescript', name: 'tslab' },
      language_info: { file_extension: '.ts', mimetype: 'text/typescript', name: 'typescript' },
    },
    nbformat,
    nbformat_minor,
  }
}
