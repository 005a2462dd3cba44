import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folders of the package that no fit and no score depends on. */
const others = ['cli', 'report', 'notebook', 'entry', 'api', 'page']

/** A mark of the built package, as far as fits and scores depend on it. */
export function buildMark(folder = fileURLToPath(new URL('../../dist', import.meta.url))): string {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /[\\/]/.test(name) && !others.includes(name.split(/[\\/]/)[0]!) && !name.endsWith('.d.ts'))
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
  for (const name of files) hash.update(name).update(readFileSync(join(folder, name)))
  return hash.digest('hex').slice(0, 16)
}
