import { z } from 'zod'
import { fitOptions, preparationOptions, trainingOptions } from '../../train/options.js'
import type { CommandDescription } from '../command.js'
import { engineOption } from '../options/engineOption.js'
import { ownGroups, sharedModelOptions } from '../options/modelGroups.js'
import { threadsOption } from '../options/threadsOption.js'
import { readingGroup, readingOptions, valuesOption } from '../options/readingOptions.js'

const options = {
  data: z.string().describe('Table of measurements: CSV, TSV, .gz, Parquet, Arrow; - for standard input'),
  out: z.string().describe('Model file to write, - for standard output. Default: <data>.model.safetensors in this folder').optional(),
  resume: z.boolean().default(false).describe('Go on with a fit that was interrupted'),
  from: z
    .string()
    .describe(
      'Fitted model to go on from: its weights, channels, normalisation and sizes are kept, training starts anew. It may be the ' +
        'file of --out',
    )
    .optional(),
  checkpoint: z
    .string()
    .describe(
      'File that training is saved to after every epoch, and deleted when it is done. Default: beside the model, ' +
        '<data>.checkpoint.safetensors',
    )
    .optional(),
  ...engineOption,
  debugNan: z.boolean().default(false).describe('Stop where a value that is not finite first arises, and say where; slow'),
  ...threadsOption,
  ...readingOptions,
  ...valuesOption,
  ...fitOptions.shape,
}
export type FitCommandOptions = z.output<z.ZodObject<typeof options>>

export const fit: CommandDescription<typeof options> = {
  options,
  groups: {
    ...readingGroup,
    Preparation: Object.keys(preparationOptions.shape),
    Model: ['model', ...sharedModelOptions],
    ...ownGroups,
    Training: Object.keys(trainingOptions.shape),
  },
  examples: [
    ['$0 fit visits.csv', 'Guess the columns, write visits.model.safetensors'],
    ['$0 fit visits.csv --id patient --time day --values weight,pulse', 'Name the columns'],
    ['$0 fit visits.csv --epochs 50 --latents 16 --config fit.yaml', 'Options here win over those of the file'],
    ['$0 fit visits.csv --model ode-rnn', 'Another model: each observation from those before it'],
    ['$0 fit visits.csv --resume', 'Go on after Ctrl-C or a crash, to the same bits'],
    ['$0 fit visits.csv --from visits.model.safetensors', 'Train a finished model further, on the same data or on more'],
  ],
  notes:
    'Ctrl-C saves and says how to go on; pressed twice it ends at once. With --resume the options are those of the fit that was ' +
    'interrupted; only --epochs, --budget and --patience may change. With --from the model stays what it is, and series that it ' +
    'knows stay in their part; options of training may change, and are those of the model otherwise, without a second warm-up of ' +
    'the KL term.',
}
