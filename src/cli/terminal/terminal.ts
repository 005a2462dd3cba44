import type { TextStream } from './io.js'

/** What a live terminal is told to draw a line over again. */
export const EMPTY_LINE = '\r\u001b[K'
export const HIDE_CURSOR = '\u001b[?25l'
export const SHOW_CURSOR = '\u001b[?25h'

/** What a stream can show. */
export interface Terminal {
  /** Width to keep to; infinite where no person looks: lines of a pipe or a file stay whole. */
  readonly columns: number
  readonly colour: boolean
  /** Letters beyond ASCII, and blocks to draw with. */
  readonly unicode: boolean
  /** A line may be drawn over again. */
  readonly live: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/** What to expect of a stream: from whether it is a terminal, `TERM`, `NO_COLOR`, `FORCE_COLOR` and the locale. */
export function terminalOf(stream: Pick<TextStream, 'isTTY' | 'columns'>, env: Environment): Terminal {
  const isTerminal = stream.isTTY === true
  const live = isTerminal && env['TERM'] !== 'dumb'
  return {
    columns: isTerminal ? Math.max(20, stream.columns ?? 80) : Infinity,
    colour: wantsColour(live, env),
    unicode: showsUnicode(env),
    live,
  }
}

/** no-color.org: any text in NO_COLOR forbids. FORCE_COLOR, which names no stream but is meant for one, wins, as in Node. */
function wantsColour(live: boolean, env: Environment): boolean {
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return live && (env['NO_COLOR'] ?? '') === ''
}

/** A locale that says it is not UTF-8 is believed; where there is none (containers, Windows) terminals are UTF-8. */
function showsUnicode(env: Environment): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '')
  return (locale === undefined || /utf-?8/i.test(locale)) && env['TERM'] !== 'linux'
}
