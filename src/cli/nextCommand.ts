import { kebab } from './options.js'
import { shellWord } from './shellWord.js'

/** Options of reading that no model knows: whoever needed them once needs them again for the same file. */
export const READING = ['format', 'channel', 'value', 'duplicates', 'missing', 'delimiter', 'decimal'] as const

/** A command to copy: files, and those of some options that were given. (In `report`, `--format` is that of the report; the data's is called `--layout`.) */
export function commandLine<Options extends object>(start: string, files: readonly string[], options: Options, keys: readonly (keyof Options & string)[], given: ReadonlySet<string>): string {
  const repeated = keys.filter((key) => given.has(key)).map((key) => {
    const value: unknown = options[key]
    const text = Array.isArray(value) ? value.join(',') : String(value)
    // A value that begins with a dash would be taken for an option.
    return `--${kebab(start === 'latent-ode report' && key === 'format' ? 'layout' : key)}${text === '' || text.startsWith('-') ? '=' : ' '}${text === '' ? '' : shellWord(text)}`
  })
  return [start, ...files.map(shellWord), ...repeated].join(' ')
}
