// Compiles src/ to dist/, the part that runs in a report's page to one script. Run by `npm run
// build` and, through `prepare`, by `npm install` in a clone; `npm run
// build:release` makes the kernel for every platform.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { buildKernel } from './kernel.mjs'
import { buildPage } from './page.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const old = existsSync(`${root}dist`) ? readdirSync(`${root}dist`).filter((name) => name !== 'kernel') : []
for (const name of old) rmSync(`${root}dist/${name}`, { recursive: true })
execFileSync(process.execPath, [tsc, '-p', `${root}tsconfig.build.json`], { stdio: 'inherit' })
const main = `${root}dist/cli/main.js`
if (existsSync(main)) chmodSync(main, 0o755)
await buildPage()
await buildKernel({ release: process.argv.includes('--release') })
