import type { ModelName } from '../../model/models.js'
import { tasks, type ModelComparison, type Task } from '../../train/compareModels.js'
import type { Ranking } from '../../train/contest.js'
import type { Notice } from '../../train/notice.js'
import { taskWords } from './words.js'

/** What a page on several models shows, as plain data. */
export interface ModelComparisonContents {
  readonly title: string
  /** Name of the data file, as shown to the reader. */
  readonly data: string
  /** When the page was made, ISO 8601. */
  readonly generated: string
  readonly version: string
  readonly comparison: ModelComparison
  readonly notices: readonly Notice[]
}

/** The tasks that were scored, in the order in which they are shown. */
export const rankings = (
  comparison: Partial<Pick<ModelComparison, Task>>,
): { task: Task; title: string; shown: string; ranking: Ranking<ModelName> }[] =>
  tasks.flatMap((task) => {
    const ranking = comparison[task]
    return ranking === undefined ? [] : [{ task, ...taskWords[task], ranking }]
  })
