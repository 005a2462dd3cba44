/**
 * `latent-ode/report`: what `model.report` writes, in parts. {@link collectReport} gathers what a report shows,
 * {@link renderReport} makes the page of it, {@link renderMarkdown} the text, {@link reportFigures} the figures;
 * {@link collectComparison} and what follows it do the same for two models side by side.
 *
 * @module latent-ode/report
 */
export { collectReport, type CollectOptions } from '../api/report.js'
export { renderReport } from '../report/renderReport.js'
export type {
  DataSummary,
  EvaluationView,
  Gaps,
  ModelSummary,
  CalibrationSummary,
  CalibrationWidth,
  ReportContents,
  SeriesView,
  SolverSummary,
  TrainingSummary,
} from '../report/contents.js'
export type { Notice, NoticeKind } from '../train/notice.js'
export { insideOfPage, type Inside } from '../report/inside.js'
export { renderMarkdown } from '../report/markdown/renderMarkdown.js'

export { reportFigures } from '../report/figures/index.js'
export type { DrawnFigure, Figure, KeyEntry, Panel } from '../report/figures/figure.js'
export { renderSheet } from '../report/still/sheet.js'
export { toPng } from '../report/still/png.js'
export { themes, type Palette } from '../report/theme.js'

export { collectComparison, compareEvaluations, type CompareOptions } from '../api/report.js'
export type { EvaluationComparison } from '../report/comparison/evaluations.js'
export { renderComparison } from '../report/comparison/renderComparison.js'
export { renderComparisonMarkdown } from '../report/comparison/renderMarkdown.js'
export { comparisonFigures } from '../report/comparison/figures/index.js'
export type { ComparisonContents } from '../report/comparison/contents.js'
export type { PairedDifference } from '../report/comparison/paired.js'
