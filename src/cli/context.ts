import type { Context } from './command.js'
import { dress } from './terminal/dress.js'
import type { Io } from './terminal/io.js'
import { terminalOf } from './terminal/terminal.js'

/** What of an invocation decides how much is said, and where. */
interface Manner {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly given: ReadonlySet<string>
}

/** The context of a run, and what it came to know of the time each part took. */
export function startContext(
  io: Io,
  manner: Manner,
  now = (): number => performance.now() / 1000,
): { readonly context: Context; tellTimes(): void } {
  const { quiet, verbose } = manner
  const terminals = { out: terminalOf(io.stdout, io.env), err: terminalOf(io.stderr, io.env) }
  const parts = new Map<string, number>()
  const started = now()
  const note = (message: string): void => {
    if (!quiet) io.stderr.write(dress(`${message}\n`, terminals.err), () => {})
  }
  const detail = (message: string): void => {
    if (verbose) note(message)
  }
  const context: Context = {
    io,
    ...manner,
    terminals,
    note,
    detail,
    warn: (message) => note(`Warning: ${message}`),
    async timed(part, body) {
      const began = now()
      try {
        return await body()
      } finally {
        parts.set(part, (parts.get(part) ?? 0) + now() - began)
      }
    },
  }
  const seconds = (time: number): string => `${time.toFixed(2)} s`
  return {
    context,
    tellTimes() {
      const told = [...parts].reduce((sum, [, time]) => sum + time, 0)
      const total = now() - started
      // What no part accounts for: loading code, above all.
      detail(
        'Time: ' +
          `${[...parts, ['the rest', Math.max(0, total - told)] as const].map(([part, time]) => `${part} ${seconds(time)}`).join(', ')}; ` +
          `${seconds(total)} in all.`,
      )
    },
  }
}
