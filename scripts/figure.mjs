// `npm run figure`: draws docs/images/forecast.svg, the picture of the README, from what `npm run demo` made.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const words = ['report', 'demo/oscillators.model.safetensors', 'demo/oscillators.csv', '--series', '2', '--title', 'Two oscillators that the model was not fitted to', '--out', 'docs/images/forecast.svg']
const { status } = spawnSync(process.execPath, ['dist/cli/main.js', ...words], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
