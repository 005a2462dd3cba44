import { z } from 'zod'
import type { CommandDescription } from '../command.js'
import { shells } from '../completion/shells.js'

const options = {
  shell: z.enum(shells).describe('Shell to complete words in. Default: that of SHELL').optional(),
}
export type CompletionOptions = z.output<z.ZodObject<typeof options>>

export const completion: CommandDescription<typeof options> = {
  options,
  examples: [
    ['$0 completion bash >> ~/.bashrc', 'In every new bash'],
    ['$0 completion zsh >> ~/.zshrc', 'In every new zsh'],
    ['$0 completion fish > ~/.config/fish/completions/latent-ode.fish', 'In every new fish'],
  ],
  notes:
    'Then the tab key completes commands, options, their values, files, and names of columns, read from the data file on the line. ' +
    'For the shell at hand only: eval "$(latent-ode completion bash)".',
}
