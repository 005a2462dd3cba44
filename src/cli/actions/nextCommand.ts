import { kebab } from '../parsing/options.js'
import { optionText, shellWord } from '../../data/shellWord.js'

/** Options of reading that no model knows: whoever needed them once needs them again for the same file. */
export const READING = [
  'dateFormat',
  'timeZone',
  'format',
  'channel',
  'value',
  'duplicates',
  'missing',
  'delimiter',
  'decimal',
  'thousands',
  'encoding',
  'skipRows',
] as const

/**
 * A command to copy: files, and those of some options that were given. (In `report`,
 * `--format` is that of the report; the data's is called `--layout`.)
 */
export function commandLine<Options extends object>(
  start: string,
  files: readonly string[],
  options: Options,
  keys: readonly (keyof Options & string)[],
  given: ReadonlySet<string>,
): string {
  const repeated = keys
    .filter((key) => given.has(key))
    .map((key) => {
      const value: unknown = options[key]
      return optionText(
        kebab(start === 'latent-ode report' && key === 'format' ? 'layout' : key),
        Array.isArray(value) ? (value as readonly string[]) : String(value),
      )
    })
  return [start, ...files.map(shellWord), ...repeated].join(' ')
}
