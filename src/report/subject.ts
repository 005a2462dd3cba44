import { renderComparisonMarkdown } from './comparison/renderMarkdown.js'
import { allComparisonStills, comparisonStills } from './comparison/stills.js'
import type { ComparisonContents } from './comparison/contents.js'
import type { Notice, ReportContents } from './contents.js'
import { renderMarkdown } from './markdown/renderMarkdown.js'
import { allStills, reportStills } from './still/reportStills.js'
import type { Still } from './still/still.js'
import type { Palette } from './theme.js'

/** What a report is on, one model or two, for whatever writes it down. */
export interface Subject {
  readonly title: string
  /** Ids of the series drawn. */
  readonly series: readonly string[]
  /** Those that do not follow from what is drawn. */
  readonly notices: readonly Notice[]
  html(): Promise<string>
  figures(palette: Palette): Figures
}

export interface Figures {
  /** All series in one figure; absent if no series is drawn. */
  readonly forecasts?: Still
  /** What the report shows, each figure by itself. */
  readonly all: readonly Still[]
  /** The report in Markdown; `pathOf` says where a figure lies, seen from it. */
  markdown(pathOf: (still: Still) => string): string
}

export function reportOn(contents: ReportContents): Subject {
  const { title, notices } = contents
  return {
    title, notices, series: contents.series.map(({ id }) => id),
    html: async () => (await import('./renderReport.js')).renderReport(contents),
    figures(palette) {
      const stills = reportStills(contents, palette)
      return { ...(stills.forecasts && { forecasts: stills.forecasts }), all: allStills(stills), markdown: (pathOf) => renderMarkdown(contents, stills, pathOf) }
    },
  }
}

export function comparisonOf(contents: ComparisonContents): Subject {
  const { title, notices } = contents
  return {
    title, notices, series: contents.series.map(({ id }) => id),
    html: async () => (await import('./comparison/renderComparison.js')).renderComparison(contents),
    figures(palette) {
      const stills = comparisonStills(contents, palette)
      return { ...(stills.forecasts && { forecasts: stills.forecasts }), all: allComparisonStills(stills), markdown: (pathOf) => renderComparisonMarkdown(contents, stills, pathOf) }
    },
  }
}
