import { inspect } from 'node:util'
import { currentKernel, showImage } from './kernel.js'
import type { DisplayOptions } from './parts.js'
import { render } from './render.js'

/**
 * Shows a thing in a notebook with the kernel of tslab: a table, a figure, or both; see `render` for what it knows.
 * Anything else is shown as text. What is shown stays in the saved notebook, and is seen without network or scripts.
 *
 * @throws UserError `NoNotebook` outside of a notebook
 */
export async function display(value: unknown, options: DisplayOptions = {}): Promise<void> {
  const { display: show } = currentKernel()
  const rendering = await render(value, options)
  if (rendering === undefined) return show.text(typeof value === 'string' ? value : inspect(value))
  if (rendering.html !== '') show.html(rendering.html)
  if (rendering.svg !== undefined) await showImage(show, rendering.svg)
}
