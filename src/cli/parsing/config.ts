import { readFile } from 'node:fs/promises'
import { nearestName } from '../../nearest.js'
import { UsageError } from '../errors.js'
import { camel, type OptionFacts } from './options.js'

/** An option's value from a configuration file, and where it stands. */
export interface ConfigEntry {
  readonly value: unknown
  readonly line: number
}

/**
 * Reads a YAML file of options: `epochs: 50`, one a line, named as on the command line (`batch-size`) or in code
 * (`batchSize`).
 *
 * @throws UsageError `BadConfig` naming file and line: no such file, no YAML, no mapping, an unknown or repeated key
 */
export async function readConfig(path: string, facts: readonly OptionFacts[], command: string): Promise<Map<string, ConfigEntry>> {
  const { LineCounter, isMap, isScalar, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(await readText(path), { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): string => `${path}, line ${lines.linePos(offset).line}`
  const broken = document.errors[0]
  if (broken !== undefined)
    throw new UsageError(
      'BadConfig',
      `${at(broken.pos[0])}: this is not YAML: ${broken.message}. Write one option a line, like "epochs: 50".`,
    )
  if (document.contents === null) return new Map()
  if (!isMap(document.contents))
    throw new UsageError('BadConfig', `${path}: the file must hold options by name. Write one a line, like "epochs: 50".`)
  const entries = new Map<string, ConfigEntry>()
  for (const { key, value } of document.contents.items) {
    const name = isScalar(key) ? String(key.value) : 'a key that is not a word'
    const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0
    const option = camel(name)
    if (!facts.some((fact) => fact.key === option)) {
      const nearest = nearestName(
        option,
        facts.map((fact) => fact.key),
      )
      throw new UsageError(
        'BadConfig',
        `${at(offset)}: latent-ode ${command} has no option ${JSON.stringify(name)}. ` +
          `${nearest === undefined ? `"latent-ode ${command} --help" lists them.` : `Did you mean ${JSON.stringify(nearest)}?`}`,
      )
    }
    if (entries.has(option))
      throw new UsageError('BadConfig', `${at(offset)}: the option ${JSON.stringify(option)} is given twice. Keep one of them.`)
    entries.set(option, { value: (value as { toJSON?(): unknown } | null)?.toJSON?.() ?? null, line: lines.linePos(offset).line })
  }
  return entries
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'this is a directory'
          : code === 'EACCES'
            ? 'the file may not be read'
            : undefined
    if (why === undefined) throw error
    throw new UsageError('BadConfig', `${path}: ${why}. Name a YAML file of options with --config.`)
  }
}
