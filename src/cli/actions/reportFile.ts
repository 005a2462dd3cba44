import { basename, dirname, join } from 'node:path'
import { isStandardOutput } from '../../data/destination.js'
import { EngineError } from '../../errors.js'
import type { FileToWrite } from '../../data/writeFolder.js'
import type { Figures, Subject } from '../../report/subject.js'
import type { Inside } from '../../report/inside.js'
import type { Figure } from '../../report/figures/figure.js'
import type { Palette } from '../../report/theme.js'
import type { Context, Outcome } from '../command.js'
import type { ReportOptions } from '../commands/report.js'
import { withEngine } from '../options/engineOption.js'
import { UsageError } from '../errors.js'
import { checkWritable, checkWritableFolder, refuseTwoOutputs, writeOutput } from '../files/files.js'
import { readLabelsOf, readModelAndData } from '../files/readData.js'
import { chooseTarget, timeOfReport, type Target } from './reportFormat.js'

/** Writes a report on a model, or on two, on a file. */
export async function reportFile(options: ReportOptions, context: Context): Promise<Outcome> {
  const { model, data, compare, ids, labels } = options
  if (ids && context.given.has('series'))
    throw new UsageError('Usage', '--ids says which series to draw and --series how many. Leave one of them out.')
  if (labels !== undefined && compare !== undefined)
    throw new UsageError(
      'Usage',
      '--labels colours the latent space, which a comparison of two models does not show. Leave one of them out.',
    )
  const target = chooseTarget(options, context.given)
  const { format, out, kind } = target
  refuseTwoOutputs(out, context)
  const inputs = [model, data, ...(compare === undefined ? [] : [compare]), ...(labels === undefined ? [] : [labels])]
  await (kind === 'folder' ? checkWritableFolder(out, inputs) : checkWritable(out, inputs))
  if (format === 'md') await checkWritableFolder(figuresFolder(out))
  const { subject, notices } = await gather(options, target.format === 'html' && (await embedsModel(options, context)), context)
  const { page, figures, inside } = await render(subject, target, options)
  const { describeInside } = await import('../../report/inside.js')
  const { writeFolder } = await import('../../data/writeFolder.js')
  // The figures first, so that no page refers to what is not there.
  if (figures.length > 0) await writeFolder(kind === 'folder' ? out : figuresFolder(out), figures)
  if (page !== undefined) await writeOutput(out, [page], context)
  if (options.labels !== undefined && !options.nameAll)
    context.note('The labels are shown of the series that are drawn only; --name-all names and colours all of them.')
  subject.notices.filter(({ kind: level }) => level === 'warning').forEach(({ text }) => context.warn(text))
  const bytes = [...(page === undefined ? [] : [page]), ...figures.map(({ content }) => content)].reduce(
    (sum, content) => sum + Buffer.byteLength(content),
    0,
  )
  return {
    document: {
      out,
      format,
      bytes,
      title: subject.title,
      series: subject.series,
      inside,
      ...(figures.length > 0 && { figures: figures.map(({ name }) => name) }),
      notices: [...notices, ...subject.notices.map(({ text }) => text)],
    },
    text: isStandardOutput(out)
      ? ''
      : `${said(target, bytes, figures.length)} ` +
        `${describeInside(inside, page !== undefined && format !== 'md' ? 'It holds' : 'They hold')}`,
  }
}

/** `visits.figures` beside `visits.md`. */
const figuresFolder = (out: string): string => join(dirname(out), `${basename(out).replace(/\.[a-z]+$/i, '')}.figures`)

function said({ format, out, kind }: Target, bytes: number, figures: number): string {
  const size = bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
  if (kind === 'folder') return `${out} (${figures} figures, ${size}).`
  if (format === 'md') return `${out} and ${figures} figures in ${figuresFolder(out)} (${size}). Keep them together.`
  return `${out} (${size}).${format === 'html' ? ' Open it in a browser; it works offline.' : ''}`
}

/** Whether the model goes into the page. Where its kernel could not be built, TensorFlow.js computes here; a page has none. */
async function embedsModel({ live, compare }: ReportOptions, context: Context): Promise<boolean> {
  if (!live || compare !== undefined) return false
  const { wasmBytes } = await import('../../engine/kernel/kernelFiles.js')
  try {
    wasmBytes('simd128')
    return true
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    context.warn(`The page is written without the model, which cannot run in it: ${error.message}`)
    return false
  }
}

async function gather(options: ReportOptions, live: boolean, context: Context): Promise<{ subject: Subject; notices: readonly string[] }> {
  const { model, data, compare, title, series, ids, labels, horizon, all, nameAll, samples, seed } = options
  const generated = timeOfReport(context.io.env)
  const { fitted, read } = await readModelAndData(options, { ...options, format: options.layout }, context)
  const dataName = data === '-' ? 'standard input' : basename(data)
  const { parseLength } = await import('../../data/dates.js')
  const shared = {
    series,
    all,
    nameAll,
    samples,
    seed,
    generated,
    ...(ids && { ids }),
    ...(title !== undefined && { title }),
    ...(horizon !== undefined && { horizon: parseLength(read.set.time, horizon, '--horizon') }),
  }
  const { reportOn, comparisonOf } = await import('../../report/subject.js')
  if (compare === undefined) {
    const told = labels === undefined ? undefined : await readLabelsOf(labels, read.set, options.missing, context)
    const contents = await withEngine(options, context, async (running) => {
      const { collectReport } = await import('../../report/collect.js')
      return collectReport(running, fitted, read.set, {
        ...shared,
        live,
        ...(told && { labels: told }),
        files: { model: basename(model), data: dataName },
      })
    })
    return { subject: reportOn(contents), notices: read.notices }
  }
  const { readModel } = await import('../../train/modelFile.js')
  const other = await readModel(compare)
  const names = basename(model) === basename(compare) ? ([model, compare] as const) : ([basename(model), basename(compare)] as const)
  const contents = await withEngine(options, context, async (running) => {
    const { collectComparison } = await import('../../report/comparison/collect.js')
    return collectComparison(running, [fitted, other], read.set, { ...shared, files: { models: names, data: dataName } })
  })
  return { subject: comparisonOf(contents), notices: read.notices }
}

/** The page, which is the one file that is asked for, the figures that are files of their own, and what is in all of these. */
async function render(
  subject: Subject,
  { format, out, kind }: Target,
  { theme, width, scale }: ReportOptions,
): Promise<{ page?: string | Uint8Array; figures: FileToWrite[]; inside: Inside }> {
  const { insideOfPage, insideOfFigures } = await import('../../report/inside.js')
  if (format === 'html') {
    const page = await subject.html()
    return { page, figures: [], inside: insideOfPage(page) }
  }
  const palette: Palette = (await import('../../report/theme.js')).themes[theme]
  const { renderSheet } = await import('../../report/still/sheet.js')
  const draw = async (figure: Figure): Promise<string | Uint8Array> => {
    const svg = await renderSheet(figure, palette, width)
    return format === 'png' ? (await import('../../report/still/png.js')).toPng(svg, scale) : svg
  }
  const figures: Figures = subject.figures(palette)
  if (format !== 'md' && kind === 'file') {
    if (figures.forecasts === undefined)
      throw new UsageError(
        'NoFigure',
        `No series is drawn, so ${out} would be empty. Ask for some with --series or --ids, or name a folder with --out for the ` +
          'other figures.',
      )
    return { page: await draw(figures.forecasts), figures: [], inside: insideOfFigures([figures.forecasts]) }
  }
  const ending = format === 'png' ? 'png' : 'svg'
  const files: FileToWrite[] = []
  for (const figure of figures.all) files.push({ name: `${figure.name}.${ending}`, content: await draw(figure) })
  const inside = insideOfFigures(figures.all)
  if (format !== 'md') return { figures: files, inside }
  return { inside, page: figures.markdown(({ name }) => `${basename(figuresFolder(out))}/${name}.${ending}`), figures: files }
}
