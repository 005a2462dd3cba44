import { isStream } from '../../data/destination.js'
import { Interrupted } from '../errors.js'
import { formatCount } from '../terminal/layout.js'

/** A series of which nothing is written, and why. */
export interface Failed {
  readonly id: string
  readonly error: Error
}

/** That some of the series asked for have no forecast; nothing where all have one. */
export function failureWarning(failed: readonly Failed[], asked: number, lacking = 'rows'): string[] {
  if (failed.length === 0) return []
  return [
    `${formatCount(failed.length)} of ${formatCount(asked)} series could not be forecast and ${failed.length === 1 ? 'has' : 'have'} ${lacking === 'rows' ? 'no' : 'none'} ${lacking}: ${failed
      .slice(0, 5)
      .map(({ id }) => id)
      .join(', ')}${failed.length > 5 ? ', …' : ''}. The first: ${failed[0]!.error.message}`,
  ]
}

/** Items as they come, until the user interrupts. @throws Interrupted */
export function* whileNot<T>(signal: AbortSignal, items: Iterable<T>, out: string | undefined): Generator<T> {
  for (const item of items) {
    if (signal.aborted) throw new Interrupted(out === undefined || isStream(out) ? 'Interrupted.' : `Interrupted: ${out} was not written.`)
    yield item
  }
}
