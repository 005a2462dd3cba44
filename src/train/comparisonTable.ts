import type { Frame, FrameColumn } from '../data/frame.js'
import { tasks, type ModelComparison } from './compareModels.js'

/** A comparison of models as a table: a row for each task and model. */
export function frameOfComparison(comparison: ModelComparison): Frame {
  const rows = tasks.flatMap((task) => {
    const ranking = comparison[task]
    return ranking === undefined ? [] : ranking.models.map((one) => ({ task, ranking, one, ...meanSeconds(comparison, one.model) }))
  })
  const text = (name: string, of: (row: (typeof rows)[number]) => string): FrameColumn => ({ name, kind: 'text', values: rows.map(of) })
  const number = (name: string, of: (row: (typeof rows)[number]) => number): FrameColumn => ({
    name,
    kind: 'number',
    values: Float64Array.from(rows, of),
  })
  return [
    text('task', ({ task }) => task),
    text('model', ({ one }) => one.model),
    number('series', ({ ranking }) => ranking.series),
    number('values', ({ ranking }) => ranking.values),
    number('mse', ({ one }) => one.mse),
    number('mseAgainstBest', ({ one }) => one.mseAgainstBest.value),
    number('mseAgainstBestLow', ({ one }) => one.mseAgainstBest.low),
    number('mseAgainstBestHigh', ({ one }) => one.mseAgainstBest.high),
    number('nll', ({ one }) => one.nll),
    number('nllAgainstBest', ({ one }) => one.nllAgainstBest.value),
    number('nllAgainstBestLow', ({ one }) => one.nllAgainstBest.low),
    number('nllAgainstBestHigh', ({ one }) => one.nllAgainstBest.high),
    number('in50', ({ one }) => one.coverage['50']),
    number('in90', ({ one }) => one.coverage['90']),
    number('seconds', ({ seconds }) => seconds),
    number('scoringSeconds', ({ scoringSeconds }) => scoringSeconds),
  ]
}

/** Seconds that a model took to fit and to score, on average over the seeds. */
export function meanSeconds({ fits }: Pick<ModelComparison, 'fits'>, model: string): { seconds: number; scoringSeconds: number } {
  const own = fits.filter((one) => one.model === model)
  const mean = (of: 'seconds' | 'scoringSeconds'): number => own.reduce((sum, one) => sum + one[of], 0) / own.length
  return { seconds: mean('seconds'), scoringSeconds: mean('scoringSeconds') }
}
