import type { Figure } from '../figures/figure.js'
import type { Specification } from '../specification.js'

/** A panel as a page holds it. */
export interface Plot {
  /** Unique on the page, fit for an `id` attribute. */
  readonly name: string
  /** What it shows, for those who do not see it. */
  readonly description: string
  /** The series that it is of, if it is of one. */
  readonly series?: string
  readonly spec: Specification
}

/** The panels of a figure, each with a name and a description of its own. */
export const plotsOf = ({ name, description, panels }: Figure): Plot[] =>
  panels.map((panel, i) => ({
    name: panel.name ?? `${name}-${i}`,
    description: panel.description ?? (panel.title === undefined ? description : `${panel.title}. ${description}`),
    ...(panel.series !== undefined && { series: panel.series }),
    spec: panel.spec,
  }))
