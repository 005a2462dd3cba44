// What the scripts that run notebooks share: the kernel of tslab, and this package where notebooks look for it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const notebooks = join(root, 'notebooks')

const missing = `Jupyter is not installed, or not on the PATH. To install it:
  Debian, Ubuntu:  sudo apt-get install jupyter-notebook
  elsewhere:       pip install notebook`

/** The first of some subcommands that this machine's Jupyter has; ends the process, saying what to do, where it has none. */
export function jupyterCommand(...commands) {
  const found = commands.find((command) => spawnSync('jupyter', [command, '--version'], { stdio: 'ignore' }).status === 0)
  if (found !== undefined) return found
  console.error(
    spawnSync('jupyter', ['--version'], { stdio: 'ignore' }).error === undefined
      ? `This Jupyter has no "jupyter ${commands[0]}".\n${missing}`
      : missing,
  )
  process.exit(2)
}

/**
 * Writes what `tslab install` would, which has to be told which Python has Jupyter: the kernel as a file, in a folder of
 * this project (`.jupyter/`), and a link by which notebooks find this package.
 *
 * @returns the environment for Jupyter
 */
export function prepareKernel() {
  if (!existsSync(join(root, 'dist/index.js'))) {
    console.error('The package is not built yet. Run: npm run build')
    process.exit(2)
  }
  const share = join(root, '.jupyter/share/jupyter')
  const kernel = join(share, 'kernels/tslab')
  mkdirSync(kernel, { recursive: true })
  const tslab = join(createRequire(import.meta.url).resolve('tslab/package.json'), '../bin/tslab')
  writeFileSync(
    join(kernel, 'kernel.json'),
    JSON.stringify({
      argv: [process.execPath, tslab, 'kernel', '--config-path', '{connection_file}'],
      display_name: 'TypeScript',
      language: 'typescript',
    }),
  )
  const link = join(notebooks, 'node_modules/latent-ode')
  if (!existsSync(link)) {
    mkdirSync(join(link, '..'), { recursive: true })
    symlinkSync(root, link, 'junction')
  }
  return { ...process.env, JUPYTER_PATH: [share, process.env.JUPYTER_PATH].filter(Boolean).join(process.platform === 'win32' ? ';' : ':') }
}
