import { afterEach, describe, expect, it } from 'vitest'
import { engineReport, selectEngine } from '../../src/engine/select.js'

describe('selectEngine', () => {
  const chosen = process.env['LATENT_ODE_ENGINE']
  afterEach(() => {
    if (chosen === undefined) delete process.env['LATENT_ODE_ENGINE']
    else process.env['LATENT_ODE_ENGINE'] = chosen
  })

  it.each(['auto', 'tfjs'])('%s is the tfjs engine', async (name) => {
    const engine = await selectEngine(name)
    expect([engine.name, engine.dtype]).toEqual(['tfjs', 'float32'])
    engine.dispose()
  })

  it('follows LATENT_ODE_ENGINE where nothing is named', async () => {
    process.env['LATENT_ODE_ENGINE'] = 'native'
    await expect(selectEngine()).rejects.toMatchObject({ code: 'Engine' })
    const named = await selectEngine('tfjs')
    named.dispose()
    for (const value of ['tfjs', 'auto', '']) {
      process.env['LATENT_ODE_ENGINE'] = value
      const engine = await selectEngine()
      expect(engine.name).toBe('tfjs')
      engine.dispose()
    }
  })

  it('refuses engines that this version does not have', async () => {
    await expect(selectEngine('native')).rejects.toMatchObject({ name: 'UserError', code: 'Engine', message: 'This version of latent-ode has no engine "native" yet. Use "tfjs" or "auto".' })
    await expect(selectEngine('wasm')).rejects.toMatchObject({ name: 'UserError', code: 'Engine', message: 'This version of latent-ode has no engine "wasm" yet. Use "tfjs", which runs on the WebAssembly backend of TensorFlow.js, or "auto".' })
  })

  it.each([['tjfs', 'tfjs'], ['Native', 'native'], ['wsam', 'wasm'], ['automatic', 'auto'], ['tf', 'tfjs']])('asks of "%s" whether it is "%s"', async (name, nearest) => {
    await expect(selectEngine(name)).rejects.toMatchObject({
      name: 'UserError', code: 'Engine',
      message: `There is no engine "${name}". Did you mean "${nearest}"? Engines are "auto", "native", "wasm", "tfjs"; one is chosen by --engine or LATENT_ODE_ENGINE.`,
    })
  })

  it('has float32 only', async () => {
    await expect(selectEngine('auto', { dtype: 'float64' })).rejects.toMatchObject({ name: 'EngineError', code: 'Dtype' })
  })
})

describe('engineReport', () => {
  it('says of each engine and backend whether it works, and why not', async () => {
    const report = await engineReport()
    expect(report.map(({ name }) => name)).toEqual(['native', 'wasm', 'tfjs', 'tfjs/tensorflow', 'tfjs/wasm', 'tfjs/cpu'])
    const byName = Object.fromEntries(report.map((line) => [line.name, line]))
    expect(byName['native']).toMatchObject({ available: false, detail: 'not in this version' })
    expect(byName['tfjs']).toMatchObject({ available: true, detail: expect.stringMatching(/^float32, on TensorFlow\.js/) as string })
    expect(byName['tfjs/wasm']).toMatchObject({ available: true, detail: expect.stringContaining('WebAssembly') as string })
    expect(byName['tfjs/cpu']).toMatchObject({ available: true, detail: expect.stringContaining('plain JavaScript') as string })
    expect(byName['tfjs/tensorflow']!.detail).not.toBe('')
  })
})
