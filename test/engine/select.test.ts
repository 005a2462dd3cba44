import { afterEach, describe, expect, it } from 'vitest'
import { engineReport, selectEngine } from '../../src/engine/select.js'

describe('selectEngine', () => {
  const chosen = process.env['LATENT_ODE_ENGINE']
  afterEach(() => {
    if (chosen === undefined) delete process.env['LATENT_ODE_ENGINE']
    else process.env['LATENT_ODE_ENGINE'] = chosen
  })

  const opened = async (name?: string, dtype?: 'float32' | 'float64'): Promise<[string, string]> => {
    const engine = await selectEngine(name, dtype ? { dtype } : {})
    const found: [string, string] = [engine.name, engine.dtype]
    engine.dispose()
    return found
  }

  it.each(['native', 'wasm', 'tfjs'])('%s is the engine of that name', async (name) => {
    expect(await opened(name)).toEqual([name, 'float32'])
  })

  it('auto is the native engine, and float64 is to be had there and in WebAssembly', async () => {
    expect(await opened('auto')).toEqual(['native', 'float32'])
    expect(await opened('auto', 'float64')).toEqual(['native', 'float64'])
    expect(await opened('wasm', 'float64')).toEqual(['wasm', 'float64'])
  })

  it('auto takes WebAssembly where the native kernel cannot be loaded, and doctor says why', async () => {
    process.env['LATENT_ODE_NATIVE'] = '/nowhere/latent-ode.node'
    try {
      expect(await opened('auto')).toEqual(['wasm', 'float32'])
      await expect(selectEngine('native')).rejects.toMatchObject({ name: 'EngineError', code: 'Addon' })
      const report = await engineReport()
      expect(report[0]).toMatchObject({
        name: 'native',
        available: false,
        detail: expect.stringContaining('/nowhere/latent-ode.node') as string,
      })
    } finally {
      delete process.env['LATENT_ODE_NATIVE']
    }
  })

  it('follows LATENT_ODE_ENGINE where nothing is named', async () => {
    process.env['LATENT_ODE_ENGINE'] = 'wasm'
    expect(await opened()).toEqual(['wasm', 'float32'])
    expect(await opened('tfjs')).toEqual(['tfjs', 'float32'])
    for (const value of ['auto', '']) {
      process.env['LATENT_ODE_ENGINE'] = value
      expect(await opened()).toEqual(['native', 'float32'])
    }
  })

  it.each([
    ['tjfs', 'tfjs'],
    ['Native', 'native'],
    ['wsam', 'wasm'],
    ['automatic', 'auto'],
    ['tf', 'tfjs'],
  ])('asks of "%s" whether it is "%s"', async (name, nearest) => {
    await expect(selectEngine(name)).rejects.toMatchObject({
      name: 'UserError',
      code: 'Engine',
      message:
        `There is no engine "${name}". Did you mean "${nearest}"? Engines are "auto", "native", "wasm", "tfjs"; one is chosen by ` +
        '--engine or LATENT_ODE_ENGINE.',
    })
  })

  it('tfjs has float32 only, and cannot look for values that are not finite', async () => {
    await expect(selectEngine('tfjs', { dtype: 'float64' })).rejects.toMatchObject({ name: 'EngineError', code: 'Dtype' })
    await expect(selectEngine('tfjs', { debugNaN: true })).rejects.toMatchObject({ name: 'EngineError', code: 'DebugNaN' })
  })
})

describe('engineReport', () => {
  it('says of each engine and backend whether it works, and why not', async () => {
    const report = await engineReport()
    expect(report.map(({ name }) => name)).toEqual(['native', 'wasm', 'tfjs', 'tfjs/tensorflow', 'tfjs/wasm', 'tfjs/cpu'])
    const byName = Object.fromEntries(report.map((line) => [line.name, line]))
    expect(byName['native']).toMatchObject({
      available: true,
      detail: expect.stringMatching(/^float32 and float64, .*(avx512|avx2|sse4|neon)/) as string,
    })
    expect(byName['wasm']).toMatchObject({
      available: true,
      detail: expect.stringMatching(/^float32 and float64, WebAssembly.*SIMD/) as string,
    })
    expect(byName['tfjs']).toMatchObject({ available: true, detail: expect.stringMatching(/^float32, on TensorFlow\.js/) as string })
    expect(byName['tfjs/wasm']).toMatchObject({ available: true, detail: expect.stringContaining('WebAssembly') as string })
    expect(byName['tfjs/cpu']).toMatchObject({ available: true, detail: expect.stringContaining('plain JavaScript') as string })
    expect(byName['tfjs/tensorflow']!.detail).not.toBe('')
  })
})
