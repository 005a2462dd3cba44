import type { Terminal } from './terminal.js'
import { wrap } from './layout.js'

/**
 * A plain text as a terminal should show it: prose broken at its width, commands to copy and rows of tables left whole,
 * headings and commands coloured, and ASCII where there is nothing better.
 */
export const dress = (text: string, terminal: Terminal): string =>
  paint(spell(fold(text.replace(CONTROL, '\ufffd'), terminal.columns), terminal.unicode), terminal.colour)

/** Names and values of a file must not command the terminal. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** Lines that are too long, broken between words; what follows is indented as the line's text is. */
function fold(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => (line.length <= columns || isCommand(line) ? [line] : foldLine(line, columns)))
    .join('\n')
}

function foldLine(line: string, columns: number): string[] {
  // What stands left of the last gap is a name, or the other cells of a row.
  const [, lead = '', rest = line] = /^(\s*(?:.*\S {2,})?)(\S.*)$/.exec(line) ?? []
  // Where the name takes half of the line, there is no room beside it.
  const indent = lead.length <= columns / 2 ? lead.length : 2
  return wrap(rest, columns - indent, columns - lead.length).map((part, i) => (i === 0 ? lead : ' '.repeat(indent)) + part)
}

const isCommand = (line: string): boolean => /^ *latent-ode [a-z]+ /.test(line)

const SPELLINGS: Readonly<Record<string, string>> = {
  '–': '-',
  '’': "'",
  '…': '...',
  '→': '->',
  '≤': '<=',
  '≥': '>=',
  '±': '+-',
  '·': '*',
  '×': 'x',
  '\u202f': ' ',
  '\ufffd': '?',
  '−': '-',
}
const SPECIAL = new RegExp(`[${Object.keys(SPELLINGS).join('')}]`, 'gu')

/** The signs of our own sentences in ASCII; names and values of the user stay as they are. */
const spell = (text: string, unicode: boolean): string => (unicode ? text : text.replace(SPECIAL, (sign) => SPELLINGS[sign]!))

const [BOLD, RED, YELLOW, CYAN, OFF] = ['\u001b[1m', '\u001b[31m', '\u001b[33m', '\u001b[36m', '\u001b[0m']

function paint(text: string, colour: boolean): string {
  if (!colour) return text
  return text
    .replace(/^latent-ode:/m, `${BOLD}${RED}$&${OFF}`)
    .replace(/^Warning:/gm, `${YELLOW}$&${OFF}`)
    .replace(/^[A-Z][\w ]*:$/gm, `${BOLD}$&${OFF}`)
    .replace(/^( +)(latent-ode [^\n]*?)(?= {2,}|$)/gm, `$1${CYAN}$2${OFF}`)
}
