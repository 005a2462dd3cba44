import type { ReportContents } from '../contents.js'
import { data } from './data.js'
import { errors } from './errors.js'
import { forecasts } from './forecasts.js'
import { live } from './live.js'
import { model } from './model.js'
import type { SectionKind } from './section.js'

/** The sections of a report's page, in the order they are shown. */
export const sections: readonly SectionKind<ReportContents>[] = [
  live,
  forecasts,
  errors,
  { name: 'calibration', title: 'Is the stated uncertainty right?', short: 'Uncertainty' },
  { name: 'latent', title: 'The latent space', short: 'Latent space' },
  data,
  { name: 'training', title: 'How training went', short: 'Training' },
  model,
]
