// `npm run demo`: the whole way on simulated data, with the very commands a user would type.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = `${root}demo`
mkdirSync(folder, { recursive: true })

function latentOde(...args) {
  const command = `$ npx latent-ode ${args.join(' ')}`
  console.log(`\n${process.stdout.isTTY ? styleText('bold', command) : command}`)
  const { status } = spawnSync(process.execPath, [`${root}dist/cli/main.js`, ...args], { cwd: folder, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

latentOde('simulate', 'oscillators', '--series', '200', '--points', '16', '--noise', '0.15', '--seed', '3', '--out', 'oscillators.csv')
latentOde('fit', 'oscillators.csv', '--epochs', '60')
latentOde('evaluate', 'oscillators.model.safetensors', 'oscillators.csv', '--task', 'interpolation')
latentOde('evaluate', 'oscillators.model.safetensors', 'oscillators.csv', '--task', 'extrapolation')
latentOde('predict', 'oscillators.model.safetensors', 'oscillators.csv', '--horizon', '3', '--out', 'forecast.csv')
latentOde('report', 'oscillators.model.safetensors', 'oscillators.csv', '--out', 'report.html')

const where = (file) => relative(process.cwd(), `${folder}/${file}`)
console.log(`\nDone. Open ${where('report.html')} in a browser; the forecasts are in ${where('forecast.csv')}.`)
