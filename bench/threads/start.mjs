// The module that a helper of a team runs: like ../start.mjs, for a thread.
import { register } from 'node:module'
import { workerData } from 'node:worker_threads'

register('../hooks.mjs', import.meta.url)
const { help } = await import('./helper.ts')
await help(workerData)
