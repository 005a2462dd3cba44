import type { CommandDescription } from '../command.js'

const options = {}

export const doctor: CommandDescription<typeof options> = {
  options,
  examples: [
    ['$0 doctor', 'What can compute here'],
    ['$0 doctor --json', 'The same for machines'],
  ],
  notes: 'The exit code is 0 if something can compute, 1 if nothing can.',
}
