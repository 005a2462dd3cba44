// `npm run benchmarks`: runs bench/forecasts/main.ts on what `npm run build` made.
import { existsSync } from 'node:fs'
import { register } from 'node:module'

if (!existsSync(new URL('../../dist/index.js', import.meta.url))) {
  console.error('The benchmarks run the built package, and there is none. Run: npm run build')
  process.exit(2)
}
register('../hooks.mjs', import.meta.url)
const { main } = await import('./main.ts')
process.exitCode = await main(process.argv.slice(2))
