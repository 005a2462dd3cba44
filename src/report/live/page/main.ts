import { kernelEngine } from '../../../engine/kernel/kernelEngine.js'
import { wasmKernel } from '../../../engine/kernel/wasmKernel.js'
import { decodeBytes } from '../base64.js'
import { openLiveModel } from '../liveModel.js'
import type { LivePage } from '../livePage.js'
import { App } from './app.js'
import { element, whenIdle } from './document.js'

/**
 * Opens the model and hands the section over to the reader. Where it cannot run, the section says so and the rest of the page is as it was.
 */
async function start(): Promise<void> {
  try {
    const page = JSON.parse(element('live').textContent!) as LivePage
    const model = openLiveModel(kernelEngine(await wasmKernel(decodeBytes(page.kernel))), page)
    new App(page, model)
    for (const id of ['live-controls', 'live-form-fields', 'live-channels', 'live-save-observations', 'live-save-forecast']) {
      const control = document.getElementById(id) as HTMLFieldSetElement | HTMLButtonElement | null
      if (control) control.disabled = false
    }
  } catch (error) {
    const failure = element('live-failure')
    failure.hidden = false
    failure.textContent =
      `The model cannot run in this browser: ${error instanceof Error ? error.message : String(error)} The other figures of this page ` +
      'do not need it.'
  }
}

// The page is drawn first.
whenIdle(() => void start())
