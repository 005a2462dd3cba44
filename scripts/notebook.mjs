// `npm run notebook`: opens notebooks/ in Jupyter with the kernel of tslab. Words after `--` go to Jupyter:
// `npm run notebook -- --no-browser --port 8890`.
import { spawn } from 'node:child_process'
import { jupyterCommand, notebooks, prepareKernel } from './jupyter.mjs'

const command = jupyterCommand('notebook', 'lab')
const jupyter = spawn('jupyter', [command, ...process.argv.slice(2)], { cwd: notebooks, stdio: 'inherit', env: prepareKernel() })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jupyter.kill(signal))
jupyter.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)))
