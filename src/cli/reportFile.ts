import { basename } from 'node:path'
import type { Context, Outcome } from './command.js'
import type { ReportOptions } from './commands/report.js'
import { withEngine } from './engineOption.js'
import { checkWritable, refuseTwoOutputs, stemOf, writeOutput } from './files.js'
import { readModelAndData } from './readData.js'

/** Writes the HTML report of a model on a file. */
export async function reportFile(options: ReportOptions, context: Context): Promise<Outcome> {
  const { model, data, out = `${stemOf(data)}.report.html`, title, series, horizon, all, samples, seed } = options
  refuseTwoOutputs(out, context)
  await checkWritable(out, [model, data])
  const { fitted, read } = await readModelAndData(options, options, context)
  const contents = await withEngine(options, context, async (running) => {
    const { collectReport } = await import('../report/collect.js')
    return collectReport(running, fitted, read.set, {
      files: { model: basename(model), data: data === '-' ? 'standard input' : basename(data) }, series, all, samples, seed,
      ...(title !== undefined && { title }),
      ...(horizon !== undefined && { horizon }),
    })
  })
  const { renderReport } = await import('../report/renderReport.js')
  const page = await renderReport(contents)
  await writeOutput(out, [page], context)
  contents.notices.filter(({ kind }) => kind === 'warning').forEach(({ text }) => context.warn(text))
  const bytes = Buffer.byteLength(page)
  return {
    document: { out, bytes, title: contents.title, series: contents.series.map(({ id }) => id), notices: [...read.notices, ...contents.notices.map(({ text }) => text)] },
    text: out === '-' ? '' : `${out} (${(bytes / 2 ** 20).toFixed(1)} MiB). Open it in a browser; it works offline. It holds data of ${contents.series.length} series, so mind who you give it to.`,
  }
}
