import { expect, test } from 'vitest'
import { commandName } from '../../src/cli/command.js'
import { commands } from '../../src/cli/commands/index.js'
import { parseCommandLine } from '../../src/cli/parse.js'

/** The help of one command as the terminal shows it, 100 columns wide. */
async function help(...words: string[]): Promise<string> {
  const invocation = await parseCommandLine([...words, '--help'], commands, 100)
  if (invocation.kind !== 'help') throw new Error(`latent-ode ${words.join(' ')} --help did not give help`)
  return `\`\`\`text\n${invocation.text.split('\n').map((line) => line.trimEnd()).join('\n').trim()}\n\`\`\``
}

test('docs/cli.md is what --help says; after a change, npx vitest run test/docs/cliReference.test.ts -u writes it anew', async () => {
  const sections: string[] = []
  for (const entry of commands) sections.push(`## latent-ode ${commandName(entry)}\n\n${await help(commandName(entry))}`)
  const page = `# Command line

What \`latent-ode --help\` and \`latent-ode <command> --help\` print. Exit codes: 0; 2 where you can set it right (data, options, files; the message says how); 130 after
Ctrl-C; 1 for everything else. Results go to standard output, all else to standard error. With \`--json\`, standard output is one JSON document, for an error
\`{"error": {"code", "message", …}}\`. \`--config file.yaml\` is described in [files.md](files.md#configuration).

${await help()}

${sections.join('\n\n')}
`
  await expect(page).toMatchFileSnapshot('../../docs/cli.md')
})
