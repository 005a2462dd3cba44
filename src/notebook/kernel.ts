import { LatentOdeError, UserError } from '../errors.js'

/** A place in the output of a cell; what is shown there last takes the place of what was there before. */
export interface Place {
  html(markup: string): void
  svg(markup: string): void
  png(bytes: Uint8Array): void
  text(text: string): void
}

/** What tslab offers to the code of its cells: `display` adds a new output each time, `newDisplay` keeps one. */
export interface Kernel {
  readonly display: Place
  newDisplay(): Place
}

/**
 * The notebook that this runs in. A package cannot import `tslab`: it would get another copy than the one that talks
 * to Jupyter, and outside of a notebook there is none. The kernel keeps its own under a global name.
 *
 * @throws UserError `NoNotebook`
 */
export function currentKernel(): Kernel {
  const { __tslab__: tslab } = globalThis as { __tslab__?: { require(name: 'tslab'): Kernel } }
  if (tslab === undefined)
    throw new UserError(
      'NoNotebook',
      'There is no notebook to show anything in: this runs outside of the kernel of tslab. Use render(), which gives HTML and SVG as ' +
        'texts, or run the code in a Jupyter notebook.',
    )
  return tslab.require('tslab')
}

/** Pixels of an image to one of the drawing: sharp on most screens, and not heavy in a file. */
const SCALE = 1.5

/**
 * Shows an SVG drawing as a PNG, the one kind of image that every reader of notebooks shows: pages on the web take images
 * out of HTML, and SVG out of notebooks that nobody has said to trust. Where the library that draws it is not installed, as SVG.
 */
export async function showImage(place: Place, svg: string): Promise<void> {
  const { toPng } = await import('../report/still/png.js')
  const png = await toPng(svg, SCALE).catch((error: unknown) => {
    if (error instanceof LatentOdeError && error.code === 'ReportLibrary') return undefined
    throw error
  })
  if (png === undefined) place.svg(svg)
  else place.png(png)
}
