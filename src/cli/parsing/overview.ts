import { commandName, type CommandEntry } from '../command.js'
import { wrap } from '../terminal/layout.js'

/** Options that every command has, as help shows them. */
export const commonOptions = {
  help: { type: 'boolean', describe: 'Show this help; after a command, its options' },
  version: { type: 'boolean', describe: 'Show the version' },
  json: { type: 'boolean', describe: 'Print one JSON document on standard output, and nothing else there' },
  quiet: { type: 'boolean', describe: 'Results and errors only: no notes, warnings or progress' },
  verbose: { type: 'boolean', describe: 'Say more: what was read and decided, what the solver did, and how long each part took' },
} as const

/** Short names of common options. */
export const shortNames: Readonly<Partial<Record<keyof typeof commonOptions, string>>> = {
  help: 'h',
  version: 'V',
  quiet: 'q',
  verbose: 'v',
}

const about = 'Latent ODEs for irregularly sampled time series: fit, forecast, evaluate, report.'
const epilogue = [
  '"latent-ode <command> --help" shows the options of a command, with examples.',
  'The first steps: latent-ode fit visits.csv; latent-ode report visits.model.safetensors visits.csv',
]

const shortName = (name: string): string => (name in shortNames ? `-${shortNames[name as keyof typeof commonOptions]!},` : '   ')

/** What the program's exit codes mean. */
export const exitCodes = [
  ['0', 'done'],
  ['1', 'a failure that is not yours: LATENT_ODE_DEBUG=1 shows where'],
  ['2', 'something that you can set right: data, options, files; the message says how'],
  ['130', 'stopped by Ctrl-C (or SIGTERM, SIGHUP); what was saved is said'],
] as const

/** Whether the words ask for help without naming a command. */
export const asksForOverview = (words: readonly string[], entries: readonly CommandEntry[]): boolean =>
  words.some((word) => word === '--help' || word === '-h') && !entries.some((entry) => words.includes(commandName(entry)))

/** How wide help is on a terminal of so many columns: lines longer than 110 are hard to read. */
export const helpWidth = (columns = 80): number => Math.max(40, Math.min(columns, 110))

/** What `latent-ode --help` shows. Laid out here, since loading yargs for it would take longer than all the rest. */
export function overview(entries: readonly CommandEntry[], columns: number): string {
  const usages = entries.map(({ usage, describe }) => ({ left: `  latent-ode ${usage}`, right: describe }))
  const options = Object.entries(commonOptions).map(([name, { type, describe }]) => ({
    left: `  ${shortName(name)} --${name}`,
    right: describe,
    end: `[${type}]`,
  }))
  return [
    ...wrap(about, columns),
    '',
    'Usage: latent-ode <command> [options]',
    '',
    'Commands:',
    ...table(usages, columns),
    '',
    'Options:',
    ...table(options, columns),
    '',
    ...epilogue.flatMap((line) => wrap(line, columns)),
    '',
    'Exit codes:',
    ...table(
      exitCodes.map(([code, meaning]) => ({ left: `  ${code}`, right: meaning })),
      columns,
    ),
  ].join('\n')
}

/** Two columns, the second wrapped; `end` stands flush right on the last line, if there is room. */
function table(rows: readonly { readonly left: string; readonly right: string; readonly end?: string }[], columns: number): string[] {
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2
  // No room for two columns: below each other.
  if (width > columns / 2)
    return rows.flatMap(({ left, right, end = '' }) => [
      left,
      ...wrap(`${right} ${end}`.trim(), columns - 6).map((line) => `      ${line}`),
    ])
  return rows.flatMap(({ left, right, end = '' }) => {
    const lines = wrap(right, Math.max(20, columns - width)).map((line, i) => (i === 0 ? left : '').padEnd(width) + line)
    if (end === '') return lines
    const last = lines.pop()!
    const room = columns - end.length
    return [...lines, ...(last.length < room ? [last.padEnd(room) + end] : [last, ' '.repeat(Math.max(0, room)) + end])]
  })
}
