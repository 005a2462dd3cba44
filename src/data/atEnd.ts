/** Signals that end a process which does not listen for them. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const actions = new Set<() => void>()

/**
 * Does something, at once and without waiting for anything, if this process ends before it is taken back: by itself, by
 * `process.exit`, by an error, or by a signal that nobody else listens for. Nothing can be done on SIGKILL.
 *
 * @returns what takes it back
 */
export function atEnd(action: () => void): () => void {
  if (actions.size === 0) listen()
  actions.add(action)
  return () => {
    actions.delete(action)
    if (actions.size === 0) stopListening()
  }
}

function act(): void {
  for (const action of actions) {
    try {
      action()
    } catch {
      // The others are to be done all the same.
    }
  }
  actions.clear()
}

function onSignal(signal: NodeJS.Signals): void {
  // Whoever listens besides decides whether the process ends; if it does, the exit is heard.
  if (process.listenerCount(signal) > 1) return
  act()
  stopListening()
  process.kill(process.pid, signal)
}

function listen(): void {
  process.on('exit', act)
  for (const signal of SIGNALS) process.on(signal, onSignal)
}

function stopListening(): void {
  process.off('exit', act)
  for (const signal of SIGNALS) process.off(signal, onSignal)
}
