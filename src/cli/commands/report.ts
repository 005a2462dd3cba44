import { z } from 'zod'
import type { CommandDescription } from '../command.js'
import { engineOption } from '../options/engineOption.js'
import { readingOptions } from '../options/readingOptions.js'
import { formats } from '../options/reportFormats.js'
import { samplingOptions } from '../options/samplingOptions.js'

// `--format` is the report's here.
const { format: layout, ...reading } = readingOptions

const options = {
  model: z.string().describe('Model file, made by fit'),
  data: z.string().describe('Data to show and score; - for standard input'),
  out: z
    .string()
    .describe(
      'File to write, - for standard output; for svg and png also a folder, which gets each figure as a file. Default: ' +
        '<data>.report.<format> in this folder',
    )
    .optional(),
  format: z
    .enum(formats)
    .describe('A page (html), figures (svg, png), or Markdown with figures beside it (md). Default: by the ending of --out, else html')
    .optional(),
  title: z.string().describe('Title of the report').optional(),
  series: z.number().int().min(0).max(10_000).default(6).describe('How many series to draw'),
  ids: z.array(z.string()).describe('Which series to draw, like a,b,c, instead of --series').optional(),
  compare: z.string().describe('Second model file: both models side by side, on series that neither was fitted to').optional(),
  horizon: z
    .union([z.string(), z.number()])
    .describe(
      'Forecast so far past each series\' last observation: a number in units of time, or 14d, "2 weeks". Default: a quarter of its span',
    )
    .optional(),
  labels: z
    .string()
    .describe('Table with the id column and labels of series, such as a treatment, to colour the latent space by; may be the data')
    .optional(),
  live: z
    .boolean()
    .default(true)
    .describe('html of one latent ODE: put the model itself into the page, to be asked there; --no-live leaves it out'),
  nameAll: z
    .boolean()
    .default(false)
    .describe('Name the series that are not drawn as well, in the figures of all: with their times, errors, means and labels'),
  all: z.boolean().default(false).describe('Score and draw all series, those that the model was fitted to as well'),
  theme: z.enum(['light', 'dark']).default('light').describe('Colours of svg, png and md figures; html follows its reader'),
  width: z.number().int().min(240).max(4000).default(960).describe('Width of svg, png and md figures, in pixels'),
  scale: z.number().positive().max(8).default(2).describe('png: pixels of the image to one of --width'),
  ...samplingOptions,
  ...engineOption,
  layout: layout.describe('A column per channel (wide), or columns of channel names and values (long): --format of the other commands'),
  ...reading,
}
export type ReportOptions = z.output<z.ZodObject<typeof options>>

export const report: CommandDescription<typeof options> = {
  options,
  groups: {
    'What is written': ['out', 'format', 'title', 'live', 'nameAll', 'theme', 'width', 'scale'],
    'Reading the data': ['layout', ...Object.keys(reading)],
  },
  examples: [
    ['$0 report visits.model.safetensors visits.csv', 'Write visits.report.html'],
    ['$0 report visits.model.safetensors visits.csv --series 12 --horizon 90 --title "Liver, 1974"', 'More series, a longer look ahead'],
    ['$0 report visits.model.safetensors visits.csv --ids p7,p12 --out forecasts.png', 'A picture of two series'],
    ['$0 report visits.model.safetensors visits.csv --format svg --out figures', 'Every figure as a file'],
    ['$0 report small.model.safetensors visits.csv --compare large.model.safetensors --out sizes.md', 'Two models side by side'],
  ],
  notes:
    'The page is one file that works offline. Reports hold observations of the series that they draw, with their ids, and a page of ' +
    'one model the model itself, unless --no-live is given; of other series nothing but marks without a name, unless --name-all is ' +
    'given. What a report holds is said when it is written, and in it. SOURCE_DATE_EPOCH sets the date they bear.',
}
