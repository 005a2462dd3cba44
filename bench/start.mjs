// `npm run bench`: runs bench/main.ts on what `npm run build` made. The benchmarks are TypeScript outside of the
// package, so the hooks turn each file into JavaScript as it is loaded; their imports from ../src/ become dist/.
import { existsSync } from 'node:fs'
import { register } from 'node:module'

if (!existsSync(new URL('../dist/index.js', import.meta.url))) {
  console.error('The benchmarks measure the built package, and there is none. Run: npm run build')
  process.exit(2)
}
register('./hooks.mjs', import.meta.url)
const { main } = await import('./main.ts')
process.exitCode = await main(process.argv.slice(2))
