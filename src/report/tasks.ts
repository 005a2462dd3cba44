import type { EvaluationView, ReportContents } from './contents.js'

/** What the tasks are called. */
const taskTitles = { interpolation: 'Filling gaps', extrapolation: 'Looking ahead' } as const

export interface ScoredTask {
  readonly task: keyof typeof taskTitles
  readonly title: string
  readonly view: EvaluationView
}

/** The tasks that have scores, in the order they are shown. */
export function scoredTasks({ evaluations }: Pick<ReportContents, 'evaluations'>): ScoredTask[] {
  return (['interpolation', 'extrapolation'] as const).flatMap((task) => {
    const view = evaluations[task]
    return view && view.scores.points > 0 ? [{ task, title: taskTitles[task], view }] : []
  })
}
