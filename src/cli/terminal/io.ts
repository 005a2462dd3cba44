import { startedByNohup } from './nohup.js'

/** A stream that is written to, with text mostly: what the command line needs of standard output and standard error. */
export interface TextStream {
  write(piece: string | Uint8Array, done: (error?: Error | null) => void): boolean
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Where a command reads from and writes to, so that tests can run one without a process of its own. */
export interface Io {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls the listener when the user presses Ctrl-C or closes the terminal, instead of ending the process; returns what undoes that. */
  onInterrupt(listener: (signal?: Interruption) => void): () => void
}

/** What asks a process to end. */
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
type Interruption = (typeof INTERRUPTIONS)[number]

/** The io of this process. */
export function processIo(): Io {
  // A failed write is reported to whoever wrote; without a listener it would also end the process with a stack trace.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const hangups = !startedByNohup(process.env)
  if (!hangups) process.on('SIGHUP', () => {})
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onInterrupt(listener) {
      const signals = INTERRUPTIONS.filter((signal) => signal !== 'SIGHUP' || hangups)
      for (const signal of signals) process.on(signal, listener)
      return () => {
        for (const signal of signals) process.off(signal, listener)
      }
    },
  }
}

/** Writes text or bytes and waits until they are out; the promise fails where writing does (closed pipe, full disk). */
export const writeText = (stream: TextStream, text: string | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()))
  })
