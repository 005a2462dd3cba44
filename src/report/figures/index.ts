import type { ReportContents } from '../contents.js'
import { onlyNamed } from '../named.js'
import { light, type Palette } from '../theme.js'
import { calibration } from './calibration.js'
import { calibrationEffect } from './calibrationEffect.js'
import { errors } from './errors.js'
import { errorsBySeries } from './errorsBySeries.js'
import { errorsByTime } from './errorsByTime.js'
import { drawFigures, type DrawnFigure, type Look, type Medium, type ReportFigure } from './figure.js'
import { forecasts } from './forecasts.js'
import { latentSpace } from './latentSpace.js'
import { observedHowMuch } from './observedHowMuch.js'
import { observedWhen } from './observedWhen.js'
import { series } from './series.js'
import { training } from './training.js'
import { trainingDetails } from './trainingDetails.js'

/** The figures of a report, in the order in which they are read. */
const figures: readonly ReportFigure[] = [
  forecasts,
  series,
  errors,
  errorsByTime,
  errorsBySeries,
  calibration,
  calibrationEffect,
  latentSpace,
  observedWhen,
  observedHowMuch,
  training,
  trainingDetails,
]

/**
 * The figures of a report that have something to show.
 *
 * @param medium where they are to be shown; default as files, each by itself
 */
export const reportFigures = (contents: ReportContents, palette: Palette = light, medium: Medium = 'file'): DrawnFigure[] =>
  drawFigures(figures, onlyNamed(contents), { palette, medium } satisfies Look)
