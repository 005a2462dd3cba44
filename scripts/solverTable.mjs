// `npm run solvers:table`: writes docs/conformance.md by what `npm run build` made. With `--problems` it prints the problems as JSON, for
// bench/ode/peers.py.
import { existsSync, writeFileSync } from 'node:fs'
import { register } from 'node:module'

const main = new URL('../dist/index.js', import.meta.url)
if (!existsSync(main)) {
  console.error('The table is made by the built package, and there is none. Run: npm run build')
  process.exit(2)
}
register('../bench/hooks.mjs', import.meta.url)
if (process.argv.includes('--problems')) console.log(JSON.stringify(await import('../bench/ode/problems.ts')))
else {
  const { conformancePage } = await import('../bench/ode/page.ts')
  const { selectEngine } = await import('../dist/engine/select.js')
  const engine = await selectEngine(undefined, { dtype: 'float64' })
  writeFileSync(new URL('../docs/conformance.md', import.meta.url), conformancePage(engine))
  engine.dispose()
}
