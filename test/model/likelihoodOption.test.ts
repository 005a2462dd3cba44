import { expect, test } from 'vitest'
import { fit } from '../../src/api/fit.js'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import { optionFacts, refusal } from '../../src/cli/parsing/options.js'
import { likelihoodOf, likelihoodOption, likelihoodText } from '../../src/model/likelihoodOption.js'

test('each channel has the likelihood that names it, the others the default', () => {
  expect(likelihoodOf('a=student-t', 2, ['a', 'b'])).toEqual(['student-t', 'gaussian'])
})

test('what was chosen for channels is said as the option says it', () => {
  expect(likelihoodText(['gaussian', 'bernoulli'], ['a', 'b'])).toBe('b=bernoulli')
  expect(likelihoodOf('b=bernoulli', 2, ['a', 'b'])).toEqual(['gaussian', 'bernoulli'])
  expect(likelihoodText(['gaussian', 'gaussian'], ['a', 'b'])).toBe('gaussian')
})

test('a channel named twice is refused, even with one likelihood', () => {
  expect(() => likelihoodOf('a=student-t,b=gaussian,a=gaussian', 2, ['a', 'b'])).toThrow(
    expect.objectContaining({ code: 'Option', message: 'The likelihood of the channel "a" is given twice. Name it once.' }),
  )
})

test('the command line says both forms', () => {
  const [facts] = optionFacts({ likelihood: likelihoodOption })
  expect(refusal(facts!, 'bili=studnt-t', '--likelihood')).toBe(
    '--likelihood is "bili=studnt-t", but must be one of gaussian, student-t, bernoulli, poisson, negative-binomial, zero-inflated, auto or channels with their own, like weight=student-t.',
  )
})

test('so does TypeScript', async () => {
  const data = simulateOscillators({ count: 4, points: 4 })
  await expect(fit(data, { likelihood: 'studentt' })).rejects.toThrow(
    'The option "likelihood" is "studentt": it must be one of gaussian, student-t, bernoulli, poisson, negative-binomial, zero-inflated, auto, or a text of channels with their own, like weight=student-t.',
  )
})
