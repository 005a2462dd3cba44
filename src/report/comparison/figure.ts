import type { FigureKind } from '../figures/figure.js'
import type { ComparisonContents } from './contents.js'

/** A figure of a report on two models. */
export type ComparisonFigure = FigureKind<ComparisonContents, 'scores' | 'forecasts' | 'calibration' | 'training'>
