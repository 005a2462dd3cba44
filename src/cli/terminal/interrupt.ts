import type { Context } from '../command.js'
import { EMPTY_LINE, SHOW_CURSOR } from './terminal.js'

interface InterruptListener {
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal
  end(): void
}

/**
 * The first Ctrl-C aborts the signal and says so, the second ends the process at once, with 130. A terminal that closes
 * may say so more than once, and nobody is there any more who could want haste.
 */
export function listenForInterrupt(
  { io, terminals, warn }: Pick<Context, 'io' | 'terminals' | 'warn'>,
  message: string,
): InterruptListener {
  const controller = new AbortController()
  const end = io.onInterrupt((signal) => {
    if (controller.signal.aborted) {
      if (signal === 'SIGHUP') return
      // A progress bar leaves its line and a hidden cursor.
      if (terminals.err.live) io.stderr.write(EMPTY_LINE + SHOW_CURSOR, () => {})
      process.exit(130)
    }
    controller.abort()
    warn(message)
  })
  return { signal: controller.signal, end }
}
