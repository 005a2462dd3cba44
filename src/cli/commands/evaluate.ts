import { z } from 'zod'
import type { CommandDescription } from '../command.js'
import { engineOption } from '../options/engineOption.js'
import { readingGroup, readingOptions } from '../options/readingOptions.js'
import { samplingOptions } from '../options/samplingOptions.js'

const options = {
  model: z.string().describe('Model file, made by fit'),
  data: z.string().describe('Data to score it on; - for standard input'),
  task: z
    .enum(['interpolation', 'extrapolation'])
    .default('interpolation')
    .describe('Predict the rows left out of each series, or what comes after the first half of its span of time'),
  shown: z
    .number()
    .min(0)
    .lt(1)
    .describe("Interpolation: fraction of each series' rows that the model is shown; 0: nothing. Default: 0.5")
    .optional(),
  cut: z
    .union([z.number(), z.string().min(1).max(100)])
    .describe(
      'Extrapolation: where the known part ends: 0.5, a fraction of each span; "3 rows" are known; "next 5" are forecast; at a time, ' +
        '"at 12" or 2021-03-01; "after 12" or "after 2 weeks" from each start. Default: 0.5',
    )
    .optional(),
  scoring: z
    .enum(['held-out', 'published'])
    .default('held-out')
    .describe(
      'Score what the model was not shown; or as the code released with the paper does, on its scale, series by series and, filling ' +
        'gaps, also what was shown',
    ),
  all: z.boolean().default(false).describe('Score all series, those that the model was fitted to as well'),
  ...samplingOptions,
  ...engineOption,
  ...readingOptions,
}
export type EvaluateOptions = z.output<z.ZodObject<typeof options>>

export const evaluate: CommandDescription<typeof options> = {
  options,
  groups: readingGroup,
  examples: [
    ['$0 evaluate visits.model.safetensors visits.csv', 'Fill gaps in the test series of the file that was fitted to'],
    ['$0 evaluate visits.model.safetensors visits.csv --task extrapolation', 'Forecast the second half of each'],
    ['$0 evaluate visits.model.safetensors visits.csv --task extrapolation --cut "next 3"', 'Forecast the last three rows of each'],
    ['$0 evaluate visits.model.safetensors other.csv --shown 0.3 --json', 'Other data, for machines'],
  ],
  notes:
    'Of a file that the model was fitted to, only the series kept for testing are scored. MSE and NLL are on the normalised scale, ' +
    'on which every channel has mean 0 and standard deviation 1; with --scoring published on the scale of that code.',
}
