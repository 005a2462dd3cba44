import { commands } from './commands/index.js'
import { startContext } from './context.js'
import { dress } from './terminal/dress.js'
import { errorDocument, errorText, exitCodeOf, UsageError } from './errors.js'
import { writeText, type Io, type TextStream } from './terminal/io.js'
import { helpWidth, overview } from './parsing/overview.js'
import { parseCommandLine } from './parsing/parse.js'
import { terminalOf } from './terminal/terminal.js'

/** The word by which completion scripts ask. */
const COMPLETE = '__complete'

/**
 * Runs one command line and returns the exit code: 0; 2 where the user can set it right; 130 after Ctrl-C; 1 for the
 * rest. With `--json` an error, too, is one JSON document on standard output, `{"error": {"code", "message", …}}`;
 * the message also goes to standard error.
 */
export async function runCommandLine(words: readonly string[], io: Io): Promise<number> {
  try {
    if (words[0] === COMPLETE) {
      const { answer } = await import('./completion/complete.js')
      await writeText(io.stdout, await answer(words.slice(1), commands))
      return 0
    }
    if (words.length === 0) {
      await tryWrite(
        io.stderr,
        dress(`${overview(commands, helpWidth(io.stderr.columns))}\n`, { ...terminalOf(io.stderr, io.env), columns: Infinity }),
      )
      return 2
    }
    const invocation = await parseCommandLine(words, commands, io.stdout.columns)
    if (invocation.kind === 'help') {
      const wantsJson = words.includes('--json')
      await writeText(
        io.stdout,
        wantsJson
          ? `${JSON.stringify({ [invocation.about]: invocation.text.trim() })}\n`
          : dress(invocation.text, { ...terminalOf(io.stdout, io.env), columns: Infinity }),
      )
      return 0
    }
    const { command, options, json } = invocation
    const { context, tellTimes } = startContext(io, invocation)
    const outcome = await command.run(options, context)
    if (json) await writeText(io.stdout, `${JSON.stringify(outcome.document)}\n`)
    else if (outcome.text !== '')
      await writeText(
        io.stdout,
        outcome.raw === true ? outcome.text : dress(`${outcome.text.replace(/\n*$/, '')}\n`, context.terminals.out),
      )
    tellTimes()
    return outcome.exitCode ?? 0
  } catch (thrown) {
    // Whoever read standard output has enough (`| head`): nothing went wrong.
    if (codeOf(thrown) === 'EPIPE') return 0
    const error =
      codeOf(thrown) === 'ENOSPC'
        ? new UsageError(
            'DiskFull',
            'Standard output cannot be written: the disk is full. Make room, or write to another place with --out.',
            { cause: thrown },
          )
        : await (await import('./files/fileHints.js')).withHint(thrown)
    await tryWrite(io.stderr, dress(errorText(error, io.env['LATENT_ODE_DEBUG'] === '1'), terminalOf(io.stderr, io.env)))
    if (words.includes('--json')) await tryWrite(io.stdout, `${JSON.stringify(errorDocument(error))}\n`)
    return exitCodeOf(error)
  }
}

/** An error that cannot be told must not hide behind one of telling it. */
const tryWrite = (stream: TextStream, text: string): Promise<void> => writeText(stream, text).catch(() => {})

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
