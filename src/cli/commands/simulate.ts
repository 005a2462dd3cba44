import { z } from 'zod'
import type { CommandDescription } from '../command.js'

const options = {
  kind: z.enum(['periodic', 'spirals', 'oscillators', 'lotka-volterra']).describe('What to simulate'),
  series: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .describe('Number of series. Default: 1000 periodic, 200 spirals, 200 oscillators, 100 lotka-volterra')
    .optional(),
  points: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .describe('Rows per series. Default: 100 periodic, 100 spirals, 50 oscillators, 40 lotka-volterra')
    .optional(),
  span: z
    .number()
    .positive()
    .describe('Times lie between 0 and this. Default: 5 periodic, 1.5 spirals, 10 oscillators, 20 lotka-volterra')
    .optional(),
  noise: z
    .number()
    .min(0)
    .max(1e6)
    .describe(
      'Standard deviation of the noise (relative for lotka-volterra). Default: 0.01 periodic, 0.1 spirals, 0.05 oscillators, 0.1 ' +
        'lotka-volterra',
    )
    .optional(),
  regular: z.boolean().default(false).describe('Evenly spaced times, the same for all series'),
  rowsObserved: z.number().positive().max(1).default(1).describe('Chance that a row is kept'),
  cellsObserved: z.number().positive().max(1).default(1).describe('Chance that a value of a kept row is observed'),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .describe('Seed; the same gives the same data'),
  out: z
    .string()
    .describe(
      'File to write: CSV, or Parquet or Arrow where its name ends in .parquet or .arrow; - for CSV on standard output. Default: ' +
        '<kind>.csv',
    )
    .optional(),
}
export type SimulateOptions = z.output<z.ZodObject<typeof options>>

export const simulate: CommandDescription<typeof options> = {
  options,
  examples: [
    ['$0 simulate periodic', 'The toy set of the paper, to periodic.csv'],
    ['$0 simulate lotka-volterra --series 50 --rows-observed 0.5 --out preys.csv', 'Predators and prey, seen half of the time'],
    ['$0 simulate spirals --out - | head', 'To standard output'],
  ],
}
