import type { SeriesSet } from '../data/series.js'
import type { Engine } from '../engine/engine.js'
import { random } from '../random.js'
import { partOf, scoreTasks, tasks, type Task } from './compareModels.js'
import type { FitResult } from './runFit.js'
import type { TaskScores } from './taskScores.js'

/**
 * Scores a model at both tasks on the series that it was not trained on: with folds, those of each by the member that left it out.
 * Undefined where none of them has two rows.
 *
 * @param limit series that are scored at most, some at random
 */
export function validationScores(
  engine: Engine,
  set: SeriesSet,
  { fitted, outOfFold = [fitted] }: Pick<FitResult, 'fitted' | 'outOfFold'>,
  { samples, limit = Infinity }: { readonly samples?: number; readonly limit?: number } = {},
): Record<Task, TaskScores> | undefined {
  const parts = outOfFold.map((model) => ({ model, series: partOf(set, model, 'valid').filter(({ times }) => times.length >= 2) }))
  const all = parts.flatMap(({ series }) => series)
  if (all.length === 0) return undefined
  const chosen = limit === Infinity ? all : random(fitted.training.seed, 'on validation').shuffle(all).slice(0, limit)
  const scored = parts.map(({ model, series }) => {
    const own = new Set(series)
    return scoreTasks(
      engine,
      model,
      chosen.filter((one) => own.has(one)),
      samples,
    )
  })
  const joined = (task: Task): TaskScores => ({
    task,
    series: scored.flatMap((one) => one[task].series),
    failed: scored.flatMap((one) => one[task].failed),
  })
  return Object.fromEntries(tasks.map((task) => [task, joined(task)])) as Record<Task, TaskScores>
}
