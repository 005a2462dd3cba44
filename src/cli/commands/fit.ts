import { z } from 'zod'
import { fitOptions, modelOptions, preparationOptions, trainingOptions } from '../../train/options.js'
import type { Command } from '../command.js'
import { engineOption } from '../engineOption.js'
import { threadsOption } from '../threadsOption.js'
import { readingGroup, readingOptions, valuesOption } from '../readingOptions.js'

const options = {
  data: z.string().describe('Table of measurements: CSV, TSV, .gz, Parquet, Arrow; - for standard input'),
  out: z.string().describe('Model file to write. Default: <data>.model.safetensors in this folder').optional(),
  resume: z.boolean().default(false).describe('Go on with a fit that was interrupted'),
  checkpoint: z.string().describe('File that training is saved to after every epoch, and deleted when it is done. Default: beside the model, <data>.checkpoint.safetensors').optional(),
  ...engineOption,
  debugNan: z.boolean().default(false).describe('Stop where a value that is not finite first arises, and say where; slow'),
  ...threadsOption,
  ...readingOptions,
  ...valuesOption,
  ...fitOptions.shape,
}
export type FitCommandOptions = z.output<z.ZodObject<typeof options>>

export const fit: Command<typeof options> = {
  options,
  groups: {
    ...readingGroup,
    Preparation: Object.keys(preparationOptions.shape),
    Model: Object.keys(modelOptions.shape),
    Training: Object.keys(trainingOptions.shape),
  },
  examples: [
    ['$0 fit visits.csv', 'Guess the columns, write visits.model.safetensors'],
    ['$0 fit visits.csv --id patient --time day --values weight,pulse', 'Name the columns'],
    ['$0 fit visits.csv --epochs 50 --latents 16 --config fit.yaml', 'Options here win over those of the file'],
    ['$0 fit visits.csv --resume', 'Go on after Ctrl-C or a crash, to the same bits'],
  ],
  notes: 'Ctrl-C saves and says how to go on; pressed twice it ends at once. With --resume the options are those of the fit that was interrupted; only --epochs and --patience may change.',
  run: async (given, context) => (await import('../fitFile.js')).fitFile(given, context),
}
