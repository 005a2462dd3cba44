import { basename } from 'node:path'
import type { Context, Outcome } from '../command.js'
import type { CompletionOptions } from '../commands/completion.js'
import { completionScripts, setUp } from '../completion/completionScripts.js'
import { UsageError } from '../errors.js'
import { isShell, shells } from '../completion/shells.js'

/** Prints the script that completes words in a shell. */
export async function printCompletion({ shell }: CompletionOptions, { io, note }: Context): Promise<Outcome> {
  const own = basename(io.env['SHELL'] ?? '')
  const chosen = shell ?? (isShell(own) ? own : undefined)
  if (chosen === undefined)
    throw new UsageError(
      'Usage',
      `Words can be completed in ${shells.join(', ')}, and SHELL names none of them. Name one: latent-ode completion bash.`,
    )
  // Whoever sees the script has not sent it anywhere.
  if (io.stdout.isTTY === true) note(`To have it in every new ${chosen}:\n  ${setUp[chosen]}`)
  const script = completionScripts[chosen]
  return { document: { shell: chosen, script }, text: script, raw: true }
}
