import { z } from 'zod'
import type { CommandDescription } from '../command.js'
import { engineOption } from '../options/engineOption.js'
import { readingGroup, readingOptions } from '../options/readingOptions.js'
import { samplingOptions } from '../options/samplingOptions.js'

const time = z.union([z.string(), z.number()])
const options = {
  model: z.string().describe('Model file, made by fit'),
  data: z.string().describe('Observed series that the forecasts start from; - for standard input'),
  at: z
    .union([time, z.array(time)])
    .describe("Times to predict at, on the file's own time axis: 0:72:0.5 (from, to, step), 1,2,5, or dates as the file has them")
    .optional(),
  horizon: time
    .describe('Predict so far past each series\' last observation: a number in units of time, or 14d, 12h, "2 weeks"')
    .optional(),
  step: time
    .describe('Time between predictions with --horizon, or without --at. Default: 30 even steps to the horizon, else 50 in all')
    .optional(),
  atFile: z
    .string()
    .describe('Table of ids and times to predict at, each series at its own; columns called as in the data, or found out')
    .optional(),
  quantiles: z
    .array(z.union([z.string(), z.number()]))
    .describe('Probabilities of the quantiles to write, like 0.1,0.9: columns q10, q90. Default: 0.05,0.25,0.5,0.75,0.95')
    .optional(),
  paths: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .describe('Write so many sample paths of each series, joint over times and channels: id, time, channel, path, value')
    .optional(),
  fill: z
    .boolean()
    .default(false)
    .describe('Write the data back with their empty cells filled, and a column that says which; all that was observed is shown'),
  out: z
    .string()
    .describe(
      'File to write: CSV, or Parquet or Arrow where its name ends in .parquet or .arrow; - for CSV on standard output. Default: ' +
        '<data>.forecast.csv (or .paths, .filled) in this folder',
    )
    .optional(),
  ...samplingOptions,
  ...engineOption,
  ...readingOptions,
}
export type PredictOptions = z.output<z.ZodObject<typeof options>>

export const predict: CommandDescription<typeof options> = {
  options,
  groups: readingGroup,
  examples: [
    ['$0 predict visits.model.safetensors visits.csv --horizon 90', 'From each last visit 90 units of time on'],
    ['$0 predict visits.model.safetensors visits.csv --at 0:72:0.5 --out -', 'At named times, to standard output'],
    ['$0 predict sales.model.safetensors sales.csv --at 2024-01-01:2024-03-01:7d', 'Dates: every seventh day'],
    ['$0 predict sales.model.safetensors sales.csv --horizon "2 weeks" --step 12h', 'Lengths of time with their units'],
    ['$0 predict visits.model.safetensors visits.csv --at-file wanted.csv', 'Each series at times of its own'],
    ['$0 predict visits.model.safetensors visits.csv --quantiles 0.1,0.5,0.9', 'Columns q10, q50, q90'],
    ['$0 predict visits.model.safetensors visits.csv --horizon 90 --paths 50', 'Fifty courses that each series may take'],
    ['$0 predict visits.model.safetensors visits.csv --fill --out filled.csv', 'The same table, its gaps filled'],
    ['$0 predict visits.model.safetensors visits.csv --json', 'Rows as one JSON document'],
  ],
  notes:
    'Without --at and --horizon, predictions run over each series’ own span and a quarter of it beyond. The table has the columns ' +
    'id, time, channel, mean, sd, q05, q25, q50, q75, q95, in the data’s own units; the spread is that of observations, measurement ' +
    'noise included; it is that of each value by itself. Paths tell what goes together: path 7 of a series is one course ' +
    'of all its channels at all times. --fill writes medians, in the table that was read: gaps stay where a series cannot be ' +
    'forecast; cells such as <4.0 are no gaps. With --json the rows are in the document, unless --out names a file.',
}
