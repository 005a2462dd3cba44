import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from 'node:os'
import { version } from '../../version.js'
import type { Outcome } from '../command.js'
import { alignPairs } from '../terminal/layout.js'

/** Looks at the machine and at what can compute on it. */
export async function examine(): Promise<Outcome> {
  const { engineReport } = await import('../../engine/select.js')
  const engines = await engineReport()
  const works = engines.some(({ available }) => available)
  const processor = cpus()[0]?.model.trim() ?? 'unknown'
  const document = {
    ok: works,
    version,
    node: process.versions.node,
    platform: platform(),
    release: release(),
    architecture: arch(),
    processor,
    cores: availableParallelism(),
    memory: { total: totalmem(), free: freemem() },
    chosen: process.env['LATENT_ODE_ENGINE'] || 'auto',
    engines,
  }
  const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
  const text = [
    alignPairs([
      ['latent-ode', version],
      ['Node', process.versions.node],
      ['System', `${document.platform} ${document.release}, ${document.architecture}`],
      ['Processor', `${processor}, ${document.cores} ${document.cores === 1 ? 'core' : 'cores'}`],
      ['Memory', `${gigabytes(document.memory.total)}, ${gigabytes(document.memory.free)} free`],
    ]),
    '',
    'Engines:',
    alignPairs(engines.map(({ name, available, detail }) => [`  ${available ? 'yes' : 'no '}  ${name}`, detail])),
    '',
    works
      ? 'All is well: models can be fitted and used.'
      : 'Nothing here can compute. Install the package again; if that does not help, the lines above say what to look at.',
  ].join('\n')
  return { document, text, exitCode: works ? 0 : 1 }
}
