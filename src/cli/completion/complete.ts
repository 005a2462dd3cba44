import { readHeader, type HeaderOptions } from '../../data/header.js'
import { commandName, positionals, type CommandEntry } from '../command.js'
import { optionFacts, type OptionFacts } from '../parsing/options.js'
import { commonOptions } from '../parsing/overview.js'
import { isShell, type Shell } from './shells.js'

/** A word that may stand there, and what it is. */
interface Candidate {
  readonly word: string
  readonly says?: string
}

/** What may stand at the cursor. */
interface Completion {
  readonly candidates: readonly Candidate[]
  /** Names of files too: all of them (empty) or those with an ending. */
  readonly files?: string
  /** More may follow without a space: `a,b,c`, `--id=`. */
  readonly open?: boolean
}

/** Options and files whose values are more than any text; the same in all commands. */
const VALUES: Readonly<Record<string, 'column' | 'columns' | 'file' | 'model' | 'yaml'>> = {
  data: 'file',
  file: 'file',
  out: 'file',
  checkpoint: 'file',
  model: 'model',
  compare: 'model',
  config: 'yaml',
  id: 'column',
  time: 'column',
  channel: 'column',
  value: 'column',
  values: 'columns',
}
const ENDINGS = { file: '', model: '.safetensors', yaml: '.yaml' } as const

/**
 * What a completion script is told: a candidate a line, `word<tab>description`, then lines that begin with a colon,
 * `:files` or `:files.safetensors` where files may stand, `:open` where no space should follow.
 *
 * @param words the shell's name, then the words after the program's name; the last is the one to complete
 */
export async function answer([shell = '', ...words]: readonly string[], entries: readonly CommandEntry[]): Promise<string> {
  if (!isShell(shell)) return ''
  const { candidates, files, open = false } = await complete(wholeWords(words), entries)
  const current = words.at(-1) ?? ''
  const typed = wholeWords(words).at(-1)!.replace(/^["']/, '')
  const lines = candidates
    .filter(({ word }) => word.startsWith(typed))
    .map(({ word, says }) => `${shown(word, current, shell)}${says === undefined ? '' : `\t${says.replace(/\s+/g, ' ')}`}`)
  return [...lines, ...(files === undefined ? [] : [`:files${files}`]), ...(open ? [':open'] : []), ''].join('\n')
}

/** bash cuts `--id=name` into three words, and replaces the last only. */
const shown = (word: string, current: string, shell: Shell): string =>
  shell === 'bash' && !current.startsWith('-') && /^--[\w-]+=/.test(word) ? word.slice(word.indexOf('=') + 1) : word

/** `['--id', '=', 'na']` as one word. */
function wholeWords(words: readonly string[]): string[] {
  const whole: string[] = []
  words.forEach((word, i) => {
    const joins = whole.length > 0 && /^--/.test(whole.at(-1)!) && (word === '=' || (words[i - 1] === '=' && whole.at(-1)!.endsWith('=')))
    if (joins) whole[whole.length - 1] += word
    else whole.push(word)
  })
  return whole.length === 0 ? [''] : whole
}

async function complete(words: readonly string[], entries: readonly CommandEntry[]): Promise<Completion> {
  const current = words.at(-1)!
  const before = words.slice(0, -1)
  const at = before.findIndex((word) => entries.some((entry) => commandName(entry) === word))
  const common = Object.entries(commonOptions).map(([flag, { describe }]) => ({ word: `--${flag}`, says: describe }))
  if (at === -1)
    return {
      candidates: current.startsWith('-')
        ? common
        : [
            ...entries.map((entry) => ({ word: commandName(entry), says: entry.describe })),
            { word: 'help', says: 'Show the help of a command' },
          ],
    }
  if (before[0] === 'help') return { candidates: [] }
  const entry = entries.find((other) => commandName(other) === before[at])!
  const facts = optionFacts((await entry.load()).options)
  const { option, files, given } = readWords(before.slice(at + 1), facts, positionals(entry))
  const positional = (key: string | undefined): OptionFacts | undefined => facts.find((fact) => fact.key === key)
  const data = { path: files['data'] ?? files['file'], given }

  const [, flag, start] = /^--([\w-]+)=(.*)$/s.exec(current) ?? []
  if (flag !== undefined) {
    const fact = facts.find((other) => other.flag === flag)
    const { candidates, ...rest } = await valuesOf(fact, flag, start!, data)
    return { ...rest, candidates: candidates.map(({ word, ...says }) => ({ word: `--${flag}=${word}`, ...says })) }
  }
  if (option !== undefined)
    return valuesOf(
      facts.find((fact) => fact.flag === option),
      option,
      current,
      data,
    )
  if (current.startsWith('-')) {
    const own = facts
      .filter(({ key }) => !positionals(entry).includes(key))
      .map(({ flag: name, describe }) => ({ word: `--${name}`, says: describe }))
    return {
      candidates: [...own, { word: '--config', says: 'A YAML file of options' }, ...common].filter(({ word }) => !before.includes(word)),
    }
  }
  const next = positional(positionals(entry).find((key) => !(key in files)))
  return next === undefined ? { candidates: [] } : valuesOf(next, next.flag, current, data)
}

/** The option that waits for a value, if one does, the files given, and the values of options. */
function readWords(
  words: readonly string[],
  facts: readonly OptionFacts[],
  keys: readonly string[],
): { option: string | undefined; files: Readonly<Record<string, string>>; given: Readonly<Record<string, string>> } {
  let option: string | undefined
  const files: Record<string, string> = {}
  const given: Record<string, string> = {}
  for (const word of words) {
    const [, flag, value] = /^--([\w-]+)(=.*)?$/s.exec(word) ?? []
    if (flag !== undefined) {
      const takesValue = flag === 'config' || facts.some((fact) => fact.flag === flag && fact.kind !== 'boolean')
      option = takesValue && value === undefined ? flag : undefined
      if (value !== undefined) given[flag] = unquoted(value.slice(1))
    } else if (option !== undefined) {
      given[option] = unquoted(word)
      option = undefined
    } else if (!word.startsWith('-') || word === '-') {
      const key = keys.find((name) => !(name in files))
      if (key !== undefined) files[key] = word
    }
  }
  return { option, files, given }
}

const unquoted = (word: string): string => word.replace(/^(["'])(.*)\1$/s, '$2')

/** How the header is to be read, as far as the words say so rightly. */
async function headerOptions(given: Readonly<Record<string, string>>): Promise<HeaderOptions> {
  const { delimiterOf, readingOptions } = await import('../options/readingOptions.js')
  const delimiter = readingOptions.delimiter.safeParse(given['delimiter']).data
  const skipRows = readingOptions.skipRows.safeParse(given['skip-rows'] === undefined ? undefined : Number(given['skip-rows'])).data
  return { encoding: given['encoding'], skipRows, ...(delimiter && { delimiter: delimiterOf(delimiter) }) }
}

/** What an option or a file of the command line may be. `path` is the data file, if it is known yet, `given` the options before. */
async function valuesOf(
  fact: OptionFacts | undefined,
  flag: string,
  typed: string,
  { path, given }: { readonly path: string | undefined; readonly given: Readonly<Record<string, string>> },
): Promise<Completion> {
  if (fact?.choices !== undefined) return { candidates: fact.choices.map((word) => ({ word })) }
  if (fact?.kind === 'boolean') return { candidates: [{ word: 'true' }, { word: 'false' }] }
  const kind = VALUES[fact?.key ?? flag]
  if (kind === undefined) return { candidates: [] }
  if (kind !== 'column' && kind !== 'columns') return { candidates: [], files: ENDINGS[kind] }
  const names = path === undefined || path === '-' ? [] : await readHeader(path, await headerOptions(given))
  if (kind === 'column') return { candidates: names.map((word) => ({ word })) }
  const done = typed.split(',').slice(0, -1)
  return { candidates: names.filter((name) => !done.includes(name)).map((name) => ({ word: [...done, name].join(',') })), open: true }
}
