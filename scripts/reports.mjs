// `npm run reports`: makes the reports of reports/ anew, by the commands that stand in reports/README.md.
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Lines of the page's commands: words by the rules of a shell, as far as double quotes. */
export const commandLines = () =>
  /```sh\n([^]*?)```/
    .exec(readFileSync(join(root, 'reports/README.md'), 'utf8'))[1]
    .trim()
    .split('\n')
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain))

/** Runs the commands in a folder beside which datasets/ lies; `main` is the program's main module. */
export function makeReports(folder, main, stdio = 'inherit') {
  const env = { ...process.env }
  for (const [first, ...words] of commandLines()) {
    if (first === 'export') {
      const [name, value] = words[0].split('=')
      env[name] = value
      continue
    }
    if (first !== 'npx' || words[0] !== 'latent-ode') throw new Error(`reports/README.md: "${first}" is no command for here.`)
    const { status, error } = spawnSync(process.execPath, [main, ...words.slice(1)], { cwd: folder, env, stdio })
    if (status !== 0) throw error ?? new Error(`latent-ode ${words.slice(1).join(' ')} ended with ${status}.`)
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const folder = join(root, 'reports')
  // What an earlier report drew and this one does not must not stay.
  for (const name of readdirSync(folder)) if (name.endsWith('.figures')) rmSync(join(folder, name), { recursive: true })
  makeReports(folder, join(root, 'dist/cli/main.js'))
}
