import type { Json, Specification } from '../specification.js'
import { configuration, stillFonts, type Palette } from '../theme.js'

/** A drawing as an SVG element, with its size in pixels. */
export interface Drawing {
  readonly svg: string
  readonly width: number
  readonly height: number
}

/**
 * Draws a Vega-Lite specification without a browser. The same specification gives the same text: without a canvas, Vega
 * takes the widths of letters from a rule of its own.
 *
 * @param width of the whole drawing, axes included
 * @param prefix of the ids in it, which must be unique where several drawings share a file
 */
export async function draw(spec: Specification, width: number, palette: Palette, prefix: string): Promise<Drawing> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  const full = {
    ...(roomForLabels(spec) as Specification),
    width,
    autosize: { type: 'fit-x', contains: 'padding' },
    // Marks need no words of their own here: the file as a whole has a description.
    config: { ...configuration(palette), font: stillFonts, aria: false },
  }
  const compiled = compile(full as unknown as Parameters<typeof compile>[0], { logger: quiet })
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logger: quiet })
  try {
    const svg = tidy(await view.toSVG(), prefix)
    const [, drawnWidth, drawnHeight] = /^<svg[^>]*? width="([\d.]+)" height="([\d.]+)"/.exec(svg)!.map(Number) as [number, number, number]
    return { svg, width: drawnWidth, height: drawnHeight }
  } finally {
    view.finalize()
  }
}

/**
 * Vega calls the clips of every drawing clip0, clip1, …; in one file the first of a name would serve all. Hundredths of
 * a pixel cannot be seen, and what is finer differs between machines.
 */
function tidy(svg: string, prefix: string): string {
  return svg.replace(/<[^>]*>/g, (tag) =>
    tag
      .replace(/(\bid="|url\(#)((?:clip|gradient_|pattern_)\w+)/g, `$1${prefix}$2`)
      .replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(2)) + 0)),
  )
}

/** Without a canvas, Vega takes letters to be over half as wide again as they are, and would cut labels that have room. */
function roomForLabels(part: Json | undefined): Json | undefined {
  if (Array.isArray(part)) return part.map((inner: Json) => roomForLabels(inner)!)
  if (part === null || typeof part !== 'object') return part
  return Object.fromEntries(
    Object.entries(part).map(([key, inner]) => [
      key,
      key === 'labelLimit' ? 1.6 * Number(inner) : key === 'datasets' ? inner : roomForLabels(inner as Json),
    ]),
  )
}

/** Vega warns of nothing that a reader of the figure could set right, such as an empty data set. */
const quiet = {
  level() {
    return this as never
  },
  error(...words: readonly unknown[]): never {
    throw new Error(words.map(String).join(' '))
  },
  warn() {
    return quiet
  },
  info() {
    return quiet
  },
  debug() {
    return quiet
  },
}
