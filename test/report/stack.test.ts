import { expect, test } from 'vitest'
import { modelSettings } from '../../src/report/settings.js'
import { summaryCards } from '../../src/report/sections/summary.js'
import type { FittedModel } from '../../src/train/modelFile.js'
import { sampleContents } from './sample.js'

test('what a model is averaged with stands beside its scores, and what each counts for among the settings', () => {
  const contents = sampleContents()
  const stackedContents = { ...contents, model: { ...contents.model, averagedWith: ['gp', 'last'] } }
  expect(summaryCards(stackedContents).markup).toContain('<dt>averaged with</dt><dd>gp, last</dd>')
  expect(summaryCards(contents).markup).not.toContain('averaged with')

  const stack = { members: ['gp'], distances: [0, 1], weights: [[[0.75, 0.25]], [[0.2, 0.8]]], series: 4, values: 40 }
  const settings = modelSettings({ kind: 'latent-ode', model: {}, training: {}, channels: ['x'], stack } as unknown as FittedModel)
  expect(settings.filter(({ group }) => group === 'Forecast')).toEqual([
    { group: 'Forecast', label: 'Near a value that is shown', value: 'latent-ode 75 %, gp 25 %' },
    { group: 'Forecast', label: 'Far from any', value: 'latent-ode 20 %, gp 80 %' },
  ])
})
