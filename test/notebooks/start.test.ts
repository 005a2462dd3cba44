import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = join(root, 'scripts/notebook.mjs')
const jupyter = spawnSync('jupyter', ['notebook', '--version'], { stdio: 'ignore' }).status === 0

test('without Jupyter, npm run notebook says which packages to install', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latent-ode-path-'))
  symlinkSync(process.execPath, join(folder, 'node'))
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', env: { PATH: folder } })
  rmSync(folder, { recursive: true })
  expect(stderr).toBe(('Jupyter is not installed, or not on the PATH. To install it:\n  Debian, Ubuntu:  sudo apt-get install jupyter-notebook\n  ' + 'elsewhere:       pip install notebook\n'))
  expect(status).toBe(2)
})

test.skipIf(!jupyter)('with it, Jupyter serves the notebooks, with the kernel of tslab', async () => {
  const port = await freePort()
  const child = spawn(process.execPath, [script, '--no-browser', '--allow-root', `--port=${port}`, '--port-retries=0', '--NotebookApp.token=', '--ServerApp.token='], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  try {
    const ask = async (path: string): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}${path}`)).json()
    await waitFor(() => ask('/api/kernelspecs'), () => said)
    expect(await ask('/api/kernelspecs')).toMatchObject({ kernelspecs: { tslab: { spec: { display_name: 'TypeScript', language: 'typescript' } } } })
    const { content } = await ask('/api/contents') as { content: { name: string }[] }
    expect(content.map(({ name }) => name)).toContain('first-steps.ipynb')
  } finally {
    child.kill('SIGTERM')
  }
  expect(await ended).not.toBeNull()
}, 120_000)

/** A port that nobody listens on. */
const freePort = (): Promise<number> => new Promise((resolve, reject) => {
  const server = createServer().on('error', reject).listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number }
    server.close(() => resolve(port))
  })
})

/** Asks until there is an answer. */
async function waitFor(ask: () => Promise<unknown>, said: () => string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const answered = await ask().then(() => true, () => false)
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error(`Jupyter did not answer:\n${said()}`)
}
