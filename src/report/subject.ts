import { renderComparisonMarkdown } from './comparison/renderMarkdown.js'
import { comparisonNotices } from './comparison/notices.js'
import { comparisonFigures } from './comparison/figures/index.js'
import type { ComparisonContents } from './comparison/contents.js'
import type { Notice } from '../train/notice.js'
import type { ReportContents } from './contents.js'
import type { Figure } from './figures/figure.js'
import { reportFigures } from './figures/index.js'
import { renderMarkdown } from './markdown/renderMarkdown.js'
import { notices } from './notices.js'
import type { Palette } from './theme.js'

/** What a report is on, one model or two, for whatever writes it down. */
export interface Subject {
  readonly title: string
  /** Ids of the series drawn. */
  readonly series: readonly string[]
  /** What readers must not miss. */
  readonly notices: readonly Notice[]
  html(): Promise<string>
  figures(palette: Palette): Figures
}

export interface Figures {
  /** All series in one figure; absent if no series is drawn. */
  readonly forecasts?: Figure
  /** What the report shows, each figure by itself. */
  readonly all: readonly Figure[]
  /** The report in Markdown; `pathOf` says where a figure lies, seen from it. */
  markdown(pathOf: (figure: Figure) => string): string
}

export function reportOn(contents: ReportContents): Subject {
  return {
    title: contents.title,
    notices: notices(contents),
    series: contents.series.map(({ id }) => id),
    html: async () => (await import('./renderReport.js')).renderReport(contents),
    figures(palette) {
      const all = reportFigures(contents, palette)
      const [forecasts] = reportFigures(contents, palette, 'single')
      return { all, ...(forecasts && { forecasts }), markdown: (pathOf) => renderMarkdown(contents, all, pathOf) }
    },
  }
}

export function comparisonOf(contents: ComparisonContents): Subject {
  return {
    title: contents.title,
    notices: comparisonNotices(contents),
    series: contents.series.map(({ id }) => id),
    html: async () => (await import('./comparison/renderComparison.js')).renderComparison(contents),
    figures(palette) {
      const all = comparisonFigures(contents, palette)
      const [forecasts] = comparisonFigures(contents, palette, 'single')
      return { all, ...(forecasts && { forecasts }), markdown: (pathOf) => renderComparisonMarkdown(contents, all, pathOf) }
    },
  }
}
