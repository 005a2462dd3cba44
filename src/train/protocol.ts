import type { Series, TimeAxis } from '../data/series.js'
import { UserError } from '../errors.js'
import { random } from '../random.js'
import { interpolationRows } from './conditioning.js'
import { parseCut, type Cut } from './cut.js'
import { heldOut, type HeldOut } from './heldOut.js'
import { firstRows } from './selection.js'

/** What of each series the model is shown, and what is held out. See docs/evaluation.md. */
export interface Protocol {
  readonly task: 'interpolation' | 'extrapolation'
  /** Interpolation: fraction of the rows that the model is shown, from 0 (nothing) to below 1; default 0.5. */
  readonly shown?: number
  /** Extrapolation: where the known part of each series ends; default 0.5, half of its span of time. */
  readonly cut?: Cut
  /**
   * `held-out` (default) scores what the model was not shown. `published` scores as the code released with the paper does: see
   * `publishedScores`; for interpolation also what was shown, for extrapolation not. It has no other cut than the default.
   */
  readonly scoring?: 'held-out' | 'published'
}

/** Where the known part ends by default, and which fraction of the rows is shown. */
export const HALF = 0.5

/** @throws UserError `Option` for options that contradict each other */
export function checkProtocol({ task, shown, cut, scoring = 'held-out' }: Protocol): void {
  const refuse = (said: string): never => {
    throw new UserError('Option', said)
  }
  if (shown !== undefined && task !== 'interpolation')
    refuse(
      'The option shown goes with the task interpolation. With extrapolation the option cut says where the known part of each series ends.',
    )
  if (cut !== undefined && task !== 'extrapolation')
    refuse('The option cut goes with the task extrapolation. With interpolation the option shown says which fraction of the rows is shown.')
  if (shown !== undefined && !(shown >= 0 && shown < 1))
    refuse(`The option shown is ${shown}; it is the fraction of the rows that the model is shown, from 0 to below 1.`)
  if (scoring === 'published' && cut !== undefined && cut !== HALF)
    refuse(
      'Scoring as published is of the second half of each span, as the released code has it, so no other cut goes with it. Leave the cut ' +
        'out, or score what is held out.',
    )
}

/**
 * What is shown and held out of each series; a series of which nothing is left to hold out is in none.
 *
 * @param axis of the times of the series
 * @throws UserError `Option`, `TooShort` if there is nothing to score; as `parseCut`
 */
export function holdOut(series: readonly Series[], protocol: Protocol, axis: TimeAxis, seed: number): HeldOut[] {
  checkProtocol(protocol)
  const { task, shown = HALF, cut = HALF, scoring = 'held-out' } = protocol
  const known = task === 'extrapolation' ? parseCut(axis, cut) : undefined
  const rowsOf = (one: Series): Int32Array =>
    known ? firstRows(known.count(one.times)) : interpolationRows(one, shown, random(seed, `evaluate ${one.id}`))
  const divided = series.flatMap((one) => {
    const rows = rowsOf(one)
    return rows.length < one.times.length ? [heldOut(one, rows, scoring === 'published' && task === 'interpolation')] : []
  })
  if (divided.length > 0) return divided
  throw new UserError(
    'TooShort',
    protocol.cut === undefined
      ? `None of the ${series.length} series has two rows, so there is nothing to hold out and score.`
      : `The cut ${JSON.stringify(protocol.cut)} leaves nothing to score: of each of the ${series.length} series the model is shown all rows. ` +
          'Cut earlier, like 0.5 for half of each span.',
  )
}

/** What the model is shown, as in: the model is shown *a random 50 % of each series' rows*. */
export function describeShown({ task, shown = HALF, cut = HALF }: Protocol, axis: TimeAxis): string {
  if (task === 'extrapolation') return parseCut(axis, cut).words
  return shown === 0 ? 'nothing of each series' : `a random ${Number((100 * shown).toPrecision(4))} % of each series' rows`
}
