import { readFile } from 'node:fs/promises'
import { wasmBytes } from '../../engine/kernel/kernelFiles.js'
import { LatentOdeError } from '../../errors.js'
import type { ReportContents } from '../contents.js'
import { encodeBytes } from '../live/base64.js'
import type { LivePage } from '../live/livePage.js'
import { source } from './libraries.js'

/** What a page in which the model runs has besides the others: the script, its data, and licences of what is in the script. */
export interface LiveParts {
  readonly code: string
  readonly page: LivePage
  readonly licences: string
}

/**
 * @throws LatentOdeError `ReportLibrary` if the script was not built; EngineError `NoBinary` if the kernel was not
 */
export async function liveParts({ live, time, timeColumn, idColumn }: ReportContents): Promise<LiveParts | undefined> {
  if (!live) return undefined
  return {
    code: await script(),
    page: { ...live, time, timeColumn, idColumn, kernel: encodeBytes(wasmBytes('simd128')) },
    licences: `simple-statistics\n\n${await source('simple-statistics', 'LICENSE')}\n\nluxon\n\n${await source('luxon', 'LICENSE.md')}`,
  }
}

async function script(): Promise<string> {
  const path = new URL('../../../dist/page/live.js', import.meta.url)
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new LatentOdeError(
      'ReportLibrary',
      'The script by which the model runs in a report, dist/page/live.js, does not exist. In a clone of the repository, "npm run ' +
        'build" makes it; in an installed package its absence means that the installation is incomplete: install latent-ode again. ' +
        '"report --no-live" leaves the model out.',
      { cause },
    )
  }
}
