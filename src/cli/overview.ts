import { commandName, type CommandEntry } from './command.js'

/** Options that every command has, as help shows them. */
export const commonOptions = {
  help: { type: 'boolean', describe: 'Show this help; after a command, its options' },
  version: { type: 'boolean', describe: 'Show the version' },
  json: { type: 'boolean', describe: 'Print one JSON document on standard output, and nothing else there' },
  quiet: { type: 'boolean', describe: 'Say nothing on standard error but errors' },
} as const

const about = 'Latent ODEs for irregularly sampled time series: fit, forecast, evaluate, report.'
const epilogue = ['"latent-ode <command> --help" shows the options of a command, with examples.', 'The first steps: latent-ode fit visits.csv; latent-ode report visits.model.safetensors visits.csv']

/** Whether the words ask for help without naming a command. */
export const asksForOverview = (words: readonly string[], entries: readonly CommandEntry[]): boolean =>
  words.some((word) => word === '--help' || word === '-h') && !entries.some((entry) => words.includes(commandName(entry)))

/** What `latent-ode --help` shows. Laid out here, since loading yargs for it would take longer than all the rest. */
export function overview(entries: readonly CommandEntry[], columns: number): string {
  const usages = entries.map(({ usage, describe }) => ({ left: `  latent-ode ${usage}`, right: describe }))
  const options = Object.entries(commonOptions).map(([name, { type, describe }]) => ({ left: `  ${name === 'help' ? '-h,' : '   '} --${name}`, right: describe, end: `[${type}]` }))
  return [
    ...wrap(about, columns), '',
    'Usage: latent-ode <command> [options]', '',
    'Commands:', ...table(usages, columns), '',
    'Options:', ...table(options, columns), '',
    ...epilogue.flatMap((line) => wrap(line, columns)),
  ].join('\n')
}

/** Two columns, the second wrapped; `end` stands flush right on the last line, if there is room. */
function table(rows: readonly { readonly left: string; readonly right: string; readonly end?: string }[], columns: number): string[] {
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2
  return rows.flatMap(({ left, right, end = '' }) => {
    const lines = wrap(right, Math.max(20, columns - width)).map((line, i) => (i === 0 ? left : '').padEnd(width) + line)
    if (end === '') return lines
    const last = lines.pop()!
    const room = columns - end.length
    return [...lines, ...(last.length < room ? [last.padEnd(room) + end] : [last, ' '.repeat(Math.max(0, room)) + end])]
  })
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)!} ${word}`
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}
