import { drawFigures, type DrawnFigure, type Medium } from '../../figures/figure.js'
import { light, type Palette } from '../../theme.js'
import type { ComparisonContents } from '../contents.js'
import type { ComparisonFigure } from '../figure.js'
import { calibration } from './calibration.js'
import { differences } from './differences.js'
import { errorsBySeries } from './errorsBySeries.js'
import { forecasts } from './forecasts.js'
import { series } from './series.js'
import { training } from './training.js'

/** The figures of a comparison, in the order in which they are read. */
const figures: readonly ComparisonFigure[] = [differences, errorsBySeries, forecasts, series, calibration, training]

/**
 * The figures of a comparison that have something to show.
 *
 * @param medium where they are to be shown; default as files, each by itself
 */
export const comparisonFigures = (contents: ComparisonContents, palette: Palette = light, medium: Medium = 'file'): DrawnFigure[] =>
  drawFigures(figures, contents, { palette, medium })
