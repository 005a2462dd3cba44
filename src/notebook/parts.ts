import type { Figure } from '../report/figures/figure.js'
import type { Html } from '../report/html.js'

/** What is shown of a thing: words and tables, and figures below. */
export interface Parts {
  readonly body: Html
  readonly figures?: readonly Figure[]
}

/** How a thing is shown. */
export interface DisplayOptions {
  /** Predictions: which series to draw, by id, or how many; default 4. */
  readonly series?: number | readonly string[]
  /** Tables: rows that are shown; default 10. */
  readonly rows?: number
  /** Solutions: the times that were asked for, which a solution does not keep. */
  readonly times?: ArrayLike<number> | readonly ArrayLike<number>[]
  /** Solutions: names of the components. */
  readonly names?: readonly string[]
}
