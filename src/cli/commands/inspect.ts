import { z } from 'zod'
import type { CommandDescription } from '../command.js'
import { readingGroup, readingOptions, valuesOption } from '../options/readingOptions.js'

const options = {
  file: z.string().describe('A data file (CSV, TSV, .gz; - for standard input), a model file or a checkpoint'),
  ...readingOptions,
  ...valuesOption,
}
export type InspectOptions = z.output<z.ZodObject<typeof options>>

export const inspect: CommandDescription<typeof options> = {
  options,
  groups: readingGroup,
  examples: [
    ['$0 inspect visits.csv', 'Columns, channels, times, and what is odd about them'],
    ['$0 inspect visits.model.safetensors', 'Settings, channels, training, splits'],
    ['$0 inspect labs.tsv.gz --format long --json', 'A long table, for machines'],
  ],
}
