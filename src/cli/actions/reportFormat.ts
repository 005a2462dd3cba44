import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { isStream } from '../../data/destination.js'
import { UsageError } from '../errors.js'
import { stemOf } from '../files/files.js'
import { formats, type Format } from '../options/reportFormats.js'
import type { ReportOptions } from '../commands/report.js'

/** What is written, and where. */
export interface Target {
  readonly format: Format
  /** A file or, for figures one by one, a folder. */
  readonly out: string
  readonly kind: 'file' | 'folder'
}

const endings: Readonly<Record<string, Format>> = { html: 'html', htm: 'html', svg: 'svg', png: 'png', md: 'md', markdown: 'md' }

/** Options that have no meaning for some formats. */
const meant = { theme: ['svg', 'png', 'md'], width: ['svg', 'png', 'md'], scale: ['png'], labels: ['html'] } as const

/**
 * The format is what `--format` says, else what the ending of `--out` says, else HTML. SVG and PNG go to a file with all
 * forecasts where `--out` has their ending, and otherwise into a folder, figure by figure;
 * into a pipe or a device goes what a file would get.
 *
 * @throws UsageError where the two contradict each other, or an option has no meaning for the format
 */
export function chooseTarget(
  { format: wanted, out, data }: Pick<ReportOptions, 'format' | 'out' | 'data'>,
  given: ReadonlySet<string>,
): Target {
  const ending = out === undefined || out === '-' ? undefined : /\.([a-z0-9]+)$/i.exec(basename(out))?.[1]?.toLowerCase()
  const told = ending === undefined ? undefined : endings[ending]
  const format = wanted ?? told ?? 'html'
  const stream = out !== undefined && isStream(out)
  const isFolder = out !== undefined && !stream && (/[\\/]$/.test(out) || isDirectory(out))
  if (wanted === undefined && told === undefined && ending !== undefined && !isFolder) {
    throw new UsageError(
      'Format',
      `--out ${out}: what to write cannot be told from the ending .${ending}. End the name in ` +
        `${formats.map((name) => `.${name}`).join(', ')}, or say --format.`,
    )
  }
  if (wanted !== undefined && told !== undefined && wanted !== told)
    throw new UsageError(
      'Format',
      `--format ${wanted} and --out ${out} contradict each other: that ending is of ${told}. Change one of them.`,
    )
  const folder = isFolder || (out !== undefined && !stream && told === undefined)
  if (stream && format === 'md')
    throw new UsageError(
      'Format',
      'Markdown has its figures in files beside it, so it cannot go to ' +
        `${out === '-' ? 'standard output' : `${out}, which is no file`}. Name a file with --out.`,
    )
  if (out === '-' && format === 'png')
    throw new UsageError('Format', 'PNG files are not text, so they do not go to standard output. Name a file with --out.')
  for (const [option, formatsOf] of Object.entries(meant)) {
    if (given.has(option) && !(formatsOf as readonly string[]).includes(format))
      throw new UsageError('Format', `--${option} goes with --format ${formatsOf.join(' or ')}, not with ${format}. Leave it out.`)
  }
  if (out !== undefined && /[\\/]$/.test(out) && (format === 'html' || format === 'md'))
    throw new UsageError('Format', `--out ${out} names a folder, and ${format} is a file. Name a file in it, or say --format svg or png.`)
  return {
    format,
    out: out ?? `${stemOf(data)}.report.${format}`,
    kind: folder && (format === 'svg' || format === 'png') ? 'folder' : 'file',
  }
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** When the report is made: now, or as SOURCE_DATE_EPOCH says, for files that are the same whenever they are made. */
export function timeOfReport(env: Readonly<Record<string, string | undefined>>): Date {
  const said = env['SOURCE_DATE_EPOCH']
  if (said === undefined || said === '') return new Date()
  const seconds = Number(said)
  if (!/^\d+$/.test(said) || !(seconds <= 8.64e12))
    throw new UsageError('BadOption', `SOURCE_DATE_EPOCH is ${JSON.stringify(said)}, but must be a whole number of seconds since 1970.`)
  return new Date(1000 * seconds)
}
