/** A stream that text is written to: what the command line needs of standard output and standard error. */
export interface TextStream {
  write(text: string, done: (error?: Error | null) => void): boolean
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Where a command reads from and writes to, so that tests can run one without a process of its own. */
export interface Io {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls the listener when the user presses Ctrl-C, instead of ending the process; returns what undoes that. */
  onInterrupt(listener: () => void): () => void
}

/** The io of this process. */
export function processIo(): Io {
  // A failed write is reported to whoever wrote; without a listener it would also end the process with a stack trace.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onInterrupt(listener) {
      process.on('SIGINT', listener)
      process.on('SIGTERM', listener)
      return () => {
        process.off('SIGINT', listener)
        process.off('SIGTERM', listener)
      }
    },
  }
}

/** Writes a text and waits until it is out; the promise fails where writing does (closed pipe, full disk). */
export const writeText = (stream: TextStream, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()))
  })
