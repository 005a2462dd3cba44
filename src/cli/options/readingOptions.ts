import { z } from 'zod'
import type { Delimiter } from '../../data/dialect.js'

/** How a data file is read; shared by all commands that read one. */
export const readingOptions = {
  id: z
    .string()
    .describe('Column that tells series apart, or several, like store,item; none if all rows are one series. Default: found out')
    .optional(),
  time: z
    .string()
    .describe(
      'Column of times: numbers, dates, lengths of time; or columns to be joined, like date,time or year,month,day. Default: found out',
    )
    .optional(),
  dateFormat: z
    .string()
    .describe(
      'How dates are written, in Luxon’s tokens: dd/MM/yyyy, "MM/dd/yyyy h:mm a"; or iso, epoch, excel, number, mm:ss. Default: found out',
    )
    .optional(),
  timeZone: z.string().describe('Zone of times that have no offset, like Europe/Berlin or UTC+1. Default: UTC').optional(),
  format: z
    .enum(['auto', 'wide', 'long'])
    .default('auto')
    .describe('A column per channel (wide), or columns of channel names and values (long)'),
  channel: z.string().describe('Long tables: column of channel names').optional(),
  value: z.string().describe('Long tables: column of values').optional(),
  duplicates: z
    .enum(['error', 'mean', 'last'])
    .default('error')
    .describe('Rows with the same id and time: an error, their mean, the last of them'),
  missing: z
    .array(z.string())
    .describe('More words that stand for a missing value, like -999,unknown; besides the usual ones, like NA, null and ?')
    .optional(),
  delimiter: z.enum([',', ';', 'tab', '|', 'space']).describe('What separates cells. Default: found out').optional(),
  decimal: z.enum(['.', ',']).describe('Decimal mark. Default: found out').optional(),
  thousands: z.enum(['.', ',', 'space', 'apostrophe']).describe('Separator of thousands. Default: found out').optional(),
  encoding: z.string().describe('Encoding of a text file: utf-8, utf-16, windows-1252, ... Default: found out').optional(),
  skipRows: z.number().int().min(0).describe('Lines above the header. Default: found out').optional(),
}
export type ReadingOptions = z.output<z.ZodObject<typeof readingOptions>>

/** What `--delimiter` names. */
export const delimiterOf = (word: NonNullable<ReadingOptions['delimiter']>): Delimiter =>
  word === 'tab' ? '\t' : word === 'space' ? ' ' : word

/** Which channels to use: for commands that have no model to say so. */
export const valuesOption = {
  values: z
    .array(z.string())
    .describe('Channels: columns of a wide table, or names of a long one, like a,b,c. Default: all numeric ones')
    .optional(),
}

export const readingGroup = { 'Reading the data': [...Object.keys(readingOptions), 'values'] }
