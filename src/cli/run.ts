import type { Context } from './command.js'
import { commands } from './commands/index.js'
import { errorDocument, errorText, exitCodeOf, UsageError } from './errors.js'
import { writeText, type Io, type TextStream } from './io.js'
import { parseCommandLine } from './parse.js'

/**
 * Runs one command line and returns the exit code: 0; 2 where the user can set it right; 130 after Ctrl-C; 1 for the
 * rest. With `--json` an error, too, is one JSON document on standard output, `{"error": {"code", "message", …}}`;
 * the message also goes to standard error.
 */
export async function runCommandLine(words: readonly string[], io: Io): Promise<number> {
  try {
    const invocation = await parseCommandLine(words, commands, io.stdout.columns)
    if (invocation.kind === 'help') {
      await writeText(io.stdout, invocation.text)
      return 0
    }
    const { command, options, given, json, quiet } = invocation
    const outcome = await command.run(options, contextOf(io, given, json, quiet))
    if (json) await writeText(io.stdout, `${JSON.stringify(outcome.document)}\n`)
    else if (outcome.text !== '') await writeText(io.stdout, `${outcome.text.replace(/\n*$/, '')}\n`)
    return outcome.exitCode ?? 0
  } catch (thrown) {
    // Whoever read standard output has enough (`| head`): nothing went wrong.
    if (codeOf(thrown) === 'EPIPE') return 0
    const error = codeOf(thrown) === 'ENOSPC' ? new UsageError('DiskFull', 'Standard output cannot be written: the disk is full. Make room, or write to another place with --out.', { cause: thrown }) : thrown
    await tryWrite(io.stderr, errorText(error, io.env['LATENT_ODE_DEBUG'] === '1'))
    if (words.includes('--json')) await tryWrite(io.stdout, `${JSON.stringify(errorDocument(error))}\n`)
    return exitCodeOf(error)
  }
}

function contextOf(io: Io, given: ReadonlySet<string>, json: boolean, quiet: boolean): Context {
  const say = (text: string): void => {
    if (!quiet) io.stderr.write(text, () => {})
  }
  return { io, json, quiet, given, note: (message) => say(`${message}\n`), warn: (message) => say(`Warning: ${message}\n`) }
}

/** An error that cannot be told must not hide behind one of telling it. */
const tryWrite = (stream: TextStream, text: string): Promise<void> => writeText(stream, text).catch(() => {})

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
