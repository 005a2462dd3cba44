import { expect, test } from 'vitest'
import { commandName } from '../../src/cli/command.js'
import { commands } from '../../src/cli/commands/index.js'
import { setUp } from '../../src/cli/completion/completionScripts.js'
import { exitCodes } from '../../src/cli/parsing/overview.js'
import { parseCommandLine } from '../../src/cli/parsing/parse.js'

/** The help of one command as the terminal shows it, 100 columns wide. */
async function help(...words: string[]): Promise<string> {
  const invocation = await parseCommandLine([...words, '--help'], commands, 100)
  if (invocation.kind !== 'help') throw new Error(`latent-ode ${words.join(' ')} --help did not give help`)
  return `\`\`\`text\n${invocation.text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim()}\n\`\`\``
}

test('docs/cli.md is what --help says; after a change, npx vitest run test/docs/cliReference.test.ts -u writes it anew', async () => {
  const sections: string[] = []
  for (const entry of commands) sections.push(`## latent-ode ${commandName(entry)}\n\n${await help(commandName(entry))}`)
  const page = `# Command line

What holds for all commands, then what \`latent-ode --help\` and \`latent-ode <command> --help\` print. \`--config file.yaml\` is described in
[files.md](files.md#configuration).

## Output

Results go to standard output, all else to standard error. With \`--json\`, standard output is one JSON document, for an error
\`{"error": {"code", "message", …}}\`; what people read is on standard error still.

| | standard output | standard error |
|---|---|---|
| | results | what was guessed, warnings, progress, errors |
| \`--quiet\` | results | errors |
| \`--verbose\` | results | also what was read, which engine computes, each epoch, what the solver did, how long each part took |

Colours, a progress bar and lines broken at the width are for terminals; in a pipe or a file lines are whole and plain. Where the locale is not UTF-8, bars, curves and
signs are ASCII. A curve of losses is linear from its least value to the 90th percentile: what lies above is drawn as high.

## Exit codes and signals

| code | meaning |
|---|---|
${exitCodes.map(([code, meaning]) => `| ${code} | ${meaning} |`).join('\n')}

A reader that has enough (\`| head\`) is no failure: the code is 0.

- **Ctrl-C (SIGINT), SIGTERM, and SIGHUP, which a terminal sends that closes.** \`fit\` finishes the step, saves and prints the command to go on with; \`predict\` stops and
  leaves no file behind; \`compare\` stops with the table of the seeds that are done. All exit with 130. A second Ctrl-C ends at once; the checkpoint of the last whole epoch remains. Other commands, and these while they read, have nothing to
  save: the signal ends them, which shells show as 129, 130 and 143. Under \`nohup\`, typed in a shell, SIGHUP does nothing.
- **SIGKILL** ends at once. A fit goes on from its last whole epoch with \`--resume\`; what the killed run left besides its checkpoint, the next run of the same command removes.
- **\`doctor\`** exits with 1 if nothing here can compute.

## Files that are written

Regular files are written under another name in the same folder and renamed when they are whole, so that no half-written one is ever found under its name; an old
one keeps its permissions, and one that may not be written to is not replaced. Symbolic links are followed, also to a file that is not there yet. A file that cannot be replaced (in a folder
that takes no new files, or mounted alone into a container) is written in place.

Pipes, devices and open descriptors (\`/dev/stdout\`, \`/dev/fd/3\`, \`>(gzip > a.gz)\`) are written to, and stay what they are; a pipe without a reader is waited for. Where \`--out\` is
standard output, by whatever name, nothing else is written there. Disks and sockets are refused.

While \`fit\` runs, \`<model>.lock\` and \`<checkpoint>.lock\` say so: a second fit to one of these files is refused. They go when the fit ends, in whatever way but SIGKILL; the lock of a process
that has gone is taken over. Of another machine or container, whose processes are not to be seen, a fit is taken for dead after five minutes without a sign of life.

## Environment

| variable | meaning |
|---|---|
| \`LATENT_ODE_ENGINE\` | engine where \`--engine\` names none: \`auto\`, \`native\`, \`wasm\`, \`tfjs\` ([engine.md](engine.md)) |
| \`LATENT_ODE_THREADS\` | threads of \`fit\` where \`--threads\` names none |
| \`LATENT_ODE_DEBUG\` | 1: stack traces of errors |
| \`NO_COLOR\` | any text: no colours ([no-color.org](https://no-color.org)) |
| \`FORCE_COLOR\` | colours also in a pipe, whatever \`NO_COLOR\` says; 0 or false: none |
| \`TERM\` | \`dumb\`: no colours, lines in place of the progress bar |
| \`LC_ALL\`, \`LC_CTYPE\`, \`LANG\` | the first that is set says whether letters beyond ASCII can be shown |
| \`SHELL\` | shell of \`latent-ode completion\` where none is named |

## Completion

Once, for bash, zsh or fish:

| | |
|---|---|
${Object.entries(setUp)
  .map(([shell, command]) => `| ${shell} | \`${command}\` |`)
  .join('\n')}

Then, in a new shell, the tab key completes commands, options and their values, files (models where a model goes), and after \`--id\`, \`--time\`, \`--channel\`, \`--value\` and
\`--values\` the columns of the data file that stands before them on the line. Only the beginning of the file is read. \`latent-ode\` must be on the PATH: under \`npx\` shells do not ask it.

## latent-ode

${await help()}

${sections.join('\n\n')}
`
  await expect(page).toMatchFileSnapshot('../../docs/cli.md')
})
