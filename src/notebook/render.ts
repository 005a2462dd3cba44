import { isDanfo } from '../data/tables.js'
import type { Specification } from '../report/specification.js'
import { html as markup } from '../report/html.js'
import { drawFigures } from './figures.js'
import type { DisplayOptions, Parts } from './parts.js'
import { comparisonParts } from './kinds/comparison.js'
import { dataParts, readingParts } from './kinds/data.js'
import { evaluationParts } from './kinds/evaluation.js'
import { modelParts } from './kinds/model.js'
import { predictionParts } from './kinds/predictions.js'
import { solutionParts } from './kinds/solution.js'
import { danfoParts, tableParts } from './kinds/table.js'

/** A thing as HTML without scripts or styles, and as an SVG image that needs nothing else. */
export interface Rendering {
  readonly html: string
  readonly svg?: string
}

/**
 * What `display` shows, as texts: of a data set, a fitted model, predictions, an evaluation, a
 * comparison, a solution of an ODE, a table, a DataFrame, a Vega-Lite specification of one view. Names in the data are
 * escaped. Undefined for anything else.
 */
export async function render(value: unknown, options: DisplayOptions = {}): Promise<Rendering | undefined> {
  const parts = partsOf(value, options)
  if (parts === undefined) return undefined
  const { body, figures = [] } = parts
  return { html: body.markup, ...(figures.length > 0 && { svg: await drawFigures(figures) }) }
}

/** What each kind is told by: properties that no other kind has together. */
function partsOf(value: unknown, options: DisplayOptions): Parts | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const has = (...names: string[]): boolean => names.every((name) => name in value)
  const given = value as never
  if (has('fitted')) return modelParts((value as { fitted: never }).fitted)
  if (has('parameters', 'normalisation', 'history')) return modelParts(given)
  if (has('observed', 'trainedSpan', 'series')) return predictionParts(given, options)
  if (has('evaluation', 'points')) return evaluationParts(given)
  if (has('labels', 'task', 'compared')) return comparisonParts(given)
  if (has('values', 'offsets', 'status', 'stats')) return solutionParts(given, options)
  if (has('series', 'notices', 'censored')) return readingParts(given)
  if (has('channels', 'series', 'idColumn', 'timeColumn')) return dataParts(given)
  if (has('columnNames', 'numRows', 'objects')) return tableParts(given, options)
  if (isDanfo(value)) return danfoParts(value, options)
  if (has('mark', 'encoding') || has('layer')) return figureParts(value as Specification)
  return undefined
}

/** A view of one's own, with title and description where a figure of a report has them. */
function figureParts({ title, description, ...spec }: Specification): Parts {
  const words = (text: unknown): string => (typeof text === 'string' ? text : '')
  return {
    body: markup``,
    figures: [
      {
        name: 'figure',
        title: words(title),
        description: words(description) || words(title),
        key: [],
        panels: [{ spec: { width: 'container', height: 320, ...spec } }],
        columns: 1,
      },
    ],
  }
}
