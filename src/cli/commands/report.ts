import { z } from 'zod'
import type { Command } from '../command.js'
import { engineOption } from '../engineOption.js'
import { readingGroup, readingOptions } from '../readingOptions.js'
import { samplingOptions } from '../samplingOptions.js'

const options = {
  model: z.string().describe('Model file, made by fit'),
  data: z.string().describe('Data to show and score; - for standard input'),
  out: z.string().describe('HTML file to write, - for standard output. Default: <data>.report.html in this folder').optional(),
  title: z.string().describe('Title of the page').optional(),
  series: z.number().int().min(0).default(6).describe('Series to draw'),
  horizon: z.number().positive().describe("Forecast so far past each series' last observation. Default: a quarter of its span").optional(),
  all: z.boolean().default(false).describe('Score and draw all series, those that the model was fitted to as well'),
  ...samplingOptions,
  ...engineOption,
  ...readingOptions,
}
export type ReportOptions = z.output<z.ZodObject<typeof options>>

export const report: Command<typeof options> = {
  options,
  groups: readingGroup,
  examples: [
    ['$0 report visits.model.safetensors visits.csv', 'Write visits.report.html'],
    ['$0 report visits.model.safetensors visits.csv --series 12 --horizon 90 --title "Liver, 1974"', 'More series, a longer look ahead'],
  ],
  notes: 'The page is one file that works offline. It embeds observations of the series that it draws, with their ids.',
  run: async (given, context) => (await import('../reportFile.js')).reportFile(given, context),
}
