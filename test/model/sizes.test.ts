import { describe, expect, test } from 'vitest'
import { models, modelParameters } from '../../src/model/models.js'
import { sized, sizesInWords } from '../../src/model/sizes.js'
import { chooseOptions } from '../../src/train/options.js'

describe('sizes of a model', () => {
  test.each([
    [1, 8, 32],
    [2, 8, 32],
    [3, 10, 48],
    [5, 14, 48],
    [7, 18, 64],
    [8, 20, 64],
    [41, 20, 64],
  ])('of %d channels: %d latents, %d units', (channels, latents, units) => {
    const { model } = chooseOptions({})
    expect(sized(model, channels)).toMatchObject({
      latents,
      encoderUnits: units,
      encoderFieldUnits: units,
      fieldUnits: units,
      decoderUnits: units,
      rate: 'auto',
    })
    expect(sized(chooseOptions({ model: 'ode-rnn' }).model, channels)).toMatchObject({ units, fieldUnits: units, decoderUnits: units })
    expect(sizesInWords(model, channels)).toBe(`${latents} latents and ${units} units a layer`)
  })

  test('what is said is left', () => {
    const { model } = chooseOptions({ latents: 3, decoderUnits: 0 })
    expect(sized(model, 9)).toMatchObject({ latents: 3, decoderUnits: 0, fieldUnits: 64 })
    expect(sizesInWords(model, 9)).toBe('64 units a layer')
    const all = { latents: 3, encoderUnits: 4, encoderFieldUnits: 5, fieldUnits: 6, decoderUnits: 7 }
    expect(sizesInWords(chooseOptions(all).model, 9)).toBeUndefined()
    expect(sizesInWords(chooseOptions({ model: 'gp' }).model, 9)).toBeUndefined()
  })

  test('a model is made of them', () => {
    const setup = { kind: 'latent-ode', options: models['latent-ode'].options.parse({}), channels: 9, rate: 1 } as const
    expect(modelParameters(setup)['field.w0']!.shape).toEqual([20, 64])
  })
})
