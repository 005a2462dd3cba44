import { renderComparisonMarkdown } from './comparison/renderMarkdown.js'
import { comparisonNotices } from './comparison/notices.js'
import { allComparisonStills, comparisonStills } from './comparison/stills.js'
import type { ComparisonContents } from './comparison/contents.js'
import type { Notice, ReportContents } from './contents.js'
import { renderMarkdown } from './markdown/renderMarkdown.js'
import { notices } from './notices.js'
import { allStills, reportStills } from './still/reportStills.js'
import type { Still } from './still/still.js'
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
  readonly forecasts?: Still
  /** What the report shows, each figure by itself. */
  readonly all: readonly Still[]
  /** The report in Markdown; `pathOf` says where a figure lies, seen from it. */
  markdown(pathOf: (still: Still) => string): string
}

export function reportOn(contents: ReportContents): Subject {
  return {
    title: contents.title,
    notices: notices(contents),
    series: contents.series.map(({ id }) => id),
    html: async () => (await import('./renderReport.js')).renderReport(contents),
    figures(palette) {
      const stills = reportStills(contents, palette)
      return {
        ...(stills.forecasts && { forecasts: stills.forecasts }),
        all: allStills(stills),
        markdown: (pathOf) => renderMarkdown(contents, stills, pathOf),
      }
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
      const stills = comparisonStills(contents, palette)
      return {
        ...(stills.forecasts && { forecasts: stills.forecasts }),
        all: allComparisonStills(stills),
        markdown: (pathOf) => renderComparisonMarkdown(contents, stills, pathOf),
      }
    },
  }
}
