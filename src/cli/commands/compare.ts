import { z } from 'zod'
import { modelNames, usualModels } from '../../model/models.js'
import { fitOptions, preparationOptions, trainingOptions } from '../../train/options.js'
import type { CommandDescription } from '../command.js'
import { engineOption } from '../options/engineOption.js'
import { readingGroup, readingOptions, valuesOption } from '../options/readingOptions.js'
import { threadsOption } from '../options/threadsOption.js'
import { ownGroups, sharedModelOptions } from '../options/modelGroups.js'

const { model: _, ...ofFits } = fitOptions.shape

const options = {
  data: z.string().describe('Table of measurements: CSV, TSV, .gz, Parquet, Arrow; - for standard input'),
  models: z
    .array(z.string())
    .describe(`Which models, like a,b,c, of ${modelNames.join(', ')}. Default: ${usualModels.join(', ')}`)
    .optional(),
  seeds: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe('Number of times that the series are split anew and all models fitted: with --seed, and the seeds after it'),
  out: z
    .string()
    .describe('File to write as well: a page (.html), or the table (.csv, .parquet, .arrow); - for the table on standard output')
    .optional(),
  title: z.string().describe('Title of the page').optional(),
  ...engineOption,
  ...threadsOption,
  ...readingOptions,
  ...valuesOption,
  ...ofFits,
}
export type CompareCommandOptions = z.output<z.ZodObject<typeof options>>

export const compare: CommandDescription<typeof options> = {
  options,
  groups: {
    ...readingGroup,
    Preparation: Object.keys(preparationOptions.shape),
    'Model, where a model has it': sharedModelOptions,
    ...ownGroups,
    'Training, of models that are trained': Object.keys(trainingOptions.shape),
  },
  examples: [
    ['$0 compare visits.csv', 'The usual models, on the same split and the same values'],
    ['$0 compare visits.csv --models latent-ode,ode-rnn --seeds 5', 'Two of them, over five splits'],
    ['$0 compare visits.csv --epochs 50 --out models.html', 'Shorter training, and a page with the figure'],
  ],
  notes:
    'Models are fitted to the same training series and asked for the same held-out values of the test series, filling gaps and ' +
    'looking ahead. Intervals are of differences from the best model, by a bootstrap over series; a star marks a winner by more ' +
    'than chance. Options of a fit go to the models that have them. No model file is written. Ctrl-C ends it with the table of the ' +
    'seeds that are done; pressed twice it ends at once.',
}
