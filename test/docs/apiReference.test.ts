import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Application, TSConfigReader, TypeDocReader } from 'typedoc'
import { expect, test } from 'vitest'
import { root } from './package.js'

/** What `npm run docs:api` does (typedoc.json), into a folder that is thrown away. */
test('all that is public has a docstring, and the API reference is made of them without a warning', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latent-ode-api-'))
  try {
    const app = await Application.bootstrap({ options: join(root, 'typedoc.json'), logLevel: 'Warn' }, [
      new TypeDocReader(),
      new TSConfigReader(),
    ])
    const warnings: string[] = []
    app.logger.warn = (text) => void warnings.push(String(text))
    app.logger.error = (text) => void warnings.push(String(text))
    const project = await app.convert()
    if (project === undefined) throw new Error(`typedoc found nothing to convert: ${warnings.join('\n')}`)
    app.validate(project)
    await app.generateDocs(project, folder)
    expect(warnings).toEqual([])
    expect(existsSync(join(folder, 'index.html'))).toBe(true)
    for (const page of ['latent-ode.fit', 'latent-ode_ode.odeSolve', 'latent-ode_graph.vjp', 'latent-ode_report.renderReport'])
      expect(readdirSync(join(folder, 'functions'))).toContain(`${page}.html`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)
