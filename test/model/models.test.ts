import { expect, test } from 'vitest'
import { modelNames, models } from '../../src/model/models.js'
import { UserError } from '../../src/errors.js'
import { chooseOptions, fitOptions, preparationOptions, trainingOptions } from '../../src/train/options.js'

test('an option that two models have is the same option, and no model has one of the name of another part of a fit', () => {
  const owners = new Map<string, unknown>()
  for (const name of modelNames) {
    for (const [key, schema] of Object.entries(models[name].options.shape)) {
      expect(owners.get(key) ?? schema, `${key} of ${name}`).toBe(schema)
      owners.set(key, schema)
      expect([key, key in trainingOptions.shape || key in preparationOptions.shape || key === 'model']).toEqual([key, false])
    }
  }
  expect(Object.keys(fitOptions.shape)).toEqual(expect.arrayContaining([...owners.keys()]))
})

test('what a model fixes are training options, with values that they may have', () => {
  for (const { fixed = {} } of Object.values(models)) {
    expect(trainingOptions.partial().safeParse(fixed)).toMatchObject({ success: true })
  }
})

test.each([
  [{ model: 'latent-od' as 'latent-ode' }, 'There is no model "latent-od". Did you mean "latent-ode"?'],
  [{ epoch: 3 } as object, 'There is no option "epoch". Did you mean "epochs"?'],
  [
    { units: 3 },
    'The model latent-ode has no option "units"; ode-rnn, rnn-delta, rnn-decay, gru-d and gru-ode-bayes have. Its own are encoder, posterior, dynamics, likelihood, latents,',
  ],
  [
    { model: 'ode-rnn' as const, objective: 'iwae' as const },
    'The model ode-rnn has no use for "objective", which is set to "iwae". Leave it out.',
  ],
  [{ epochs: -1 }, 'The option "epochs" is -1: '],
])('%o is an error that says what to do', (options, message) => {
  expect(() => chooseOptions(options)).toThrow(UserError)
  expect(() => chooseOptions(options)).toThrow(message)
})

test('options are sorted by what they are for; one that is fixed may be repeated', () => {
  expect(chooseOptions({ model: 'ode-rnn', units: 5, epochs: 7, samples: 1, testFraction: 0.3 })).toMatchObject({
    kind: 'ode-rnn',
    model: { units: 5, fieldUnits: 'auto' },
    training: { epochs: 7, samples: 1, klWarmup: 0 },
    preparation: { testFraction: 0.3 },
  })
  expect(chooseOptions({})).toMatchObject({ kind: 'latent-ode', training: { samples: 3, klWarmup: 10 } })
})
