import type { Context } from './command.js'

export interface InterruptListener {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal
  end(): void
}

/** The first Ctrl-C aborts the signal and says so, the second ends the process at once, with 130. */
export function listenForInterrupt({ io, warn }: Pick<Context, 'io' | 'warn'>, message: string): InterruptListener {
  const controller = new AbortController()
  const end = io.onInterrupt(() => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
    warn(message)
  })
  return { signal: controller.signal, end }
}
