import { existsSync } from 'node:fs'
import { nearestName } from '../../nearest.js'
import { commandName, type CommandEntry } from '../command.js'
import type { OptionFacts } from './options.js'
import { commonOptions, shortNames } from './overview.js'
import { shellWord } from '../../data/shellWord.js'

/** What other programs call our commands and options. */
const COMMANDS: Readonly<Record<string, string>> = {
  train: 'fit',
  learn: 'fit',
  forecast: 'predict',
  impute: 'predict',
  score: 'evaluate',
  test: 'evaluate',
  eval: 'evaluate',
  plot: 'report',
  generate: 'simulate',
  sample: 'simulate',
  info: 'inspect',
  show: 'inspect',
  describe: 'inspect',
  check: 'doctor',
  completions: 'completion',
}
const OPTIONS: Readonly<Record<string, string>> = {
  o: 'out',
  output: 'out',
  c: 'config',
  t: 'time',
  channels: 'values',
  columns: 'values',
  features: 'values',
  target: 'values',
  group: 'id',
  sep: 'delimiter',
  separator: 'delimiter',
  lr: 'learning-rate',
  optimizer: 'optimiser',
  solver: 'method',
  dim: 'latents',
  'latent-dim': 'latents',
  'random-state': 'seed',
  workers: 'threads',
  jobs: 'threads',
  j: 'threads',
  device: 'engine',
  backend: 'engine',
  precision: 'dtype',
  steps: 'horizon',
  silent: 'quiet',
  debug: 'verbose',
}
const alwaysThere = ['config', ...Object.keys(commonOptions)]

/** That a command has no such option, and which was meant. `flags` are the command's own. */
export function noOption(flag: string, flags: readonly string[], name: string): string {
  const all = [...flags, ...alwaysThere]
  const other = OPTIONS[flag.toLowerCase()]
  const meant = other !== undefined && all.includes(other) ? other : flag.length > 1 ? nearestName(flag, all) : undefined
  return (
    `latent-ode ${name} has no option ${dashed(flag)}. ` +
    `${meant === undefined ? `"latent-ode ${name} --help" lists them.` : `Did you mean --${meant}?`}`
  )
}

/** That the first word is no command, and which was meant. */
export function noCommand(words: readonly string[], entries: readonly CommandEntry[]): string {
  const names = entries.map(commandName)
  const word = words.find((other) => !other.startsWith('-'))
  if (word === undefined) {
    const [, flag] = words.map((other) => /^--?([\w-]+)/.exec(other)).find((match) => match !== null && !isCommon(match[1]!)) ?? []
    const nearest = flag === undefined ? undefined : nearestName(flag, Object.keys(commonOptions))
    if (flag !== undefined)
      return (
        `latent-ode has no option ${dashed(flag)} without a command. ` +
        `${nearest === undefined ? '"latent-ode --help" shows what there is.' : `Did you mean --${nearest}?`}`
      )
    return `Say what to do: ${names.join(', ')}. "latent-ode --help" explains them.`
  }
  const nearest = COMMANDS[word.toLowerCase()] ?? nearestName(word, names)
  if (nearest === undefined && existsSync(word)) return `${word} is a file; a command comes first. Did you mean ${commandsFor(word)}?`
  return (
    `There is no command ${JSON.stringify(word)}. ` +
    `${nearest === undefined ? `Commands are ${names.join(', ')}.` : `Did you mean ${nearest}?`}`
  )
}

/** The first word that looks like an option and is none. */
export function unknownFlag(words: readonly string[], facts: readonly OptionFacts[]): string | undefined {
  const known = (flag: string): boolean =>
    facts.some((fact) => flag === fact.flag || flag === `no-${fact.flag}`) || flag === 'config' || isCommon(flag)
  return words.map((word) => /^--?([a-zA-Z][\w-]*)/.exec(word)?.[1]).find((flag) => flag !== undefined && !known(flag))
}

const commandsFor = (file: string): string =>
  file.endsWith('.safetensors')
    ? `latent-ode inspect ${shellWord(file)}`
    : `latent-ode inspect ${shellWord(file)} or latent-ode fit ${shellWord(file)}`

const isCommon = (flag: string): boolean => flag in commonOptions || Object.values(shortNames).includes(flag)

const dashed = (flag: string): string => `${flag.length === 1 ? '-' : '--'}${flag}`
