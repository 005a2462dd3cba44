import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { LatentOdeError } from '../../errors.js'

/**
 * An SVG file as a PNG file. Letters come from the font that is installed with this package, so that there is text on a
 * machine without fonts and the same everywhere; writing systems that it lacks come from the machine's fonts.
 *
 * @param scale pixels of the PNG to one of the SVG
 * @throws LatentOdeError `ReportLibrary` if the font or the library that draws is not installed
 */
export async function toPng(svg: string, scale = 2): Promise<Uint8Array> {
  const fontFiles = fonts()
  try {
    const { Resvg } = await import('@resvg/resvg-js')
    return new Resvg(svg, {
      fitTo: { mode: 'zoom', value: scale },
      font: { fontFiles, loadSystemFonts: beyondFont(svg), defaultFontFamily: family, sansSerifFamily: family },
    })
      .render()
      .asPng()
  } catch (cause) {
    throw new LatentOdeError(
      'ReportLibrary',
      `The figure could not be made a PNG: ${cause instanceof Error ? cause.message : String(cause)}. Try --format svg.`,
      { cause },
    )
  }
}

const family = 'Source Sans 3'

function fonts(): string[] {
  const require = createRequire(import.meta.url)
  try {
    const folder = dirname(require.resolve('@expo-google-fonts/source-sans-3/package.json'))
    return [join(folder, '400Regular/SourceSans3_400Regular.ttf'), join(folder, '600SemiBold/SourceSans3_600SemiBold.ttf')]
  } catch (cause) {
    throw new LatentOdeError(
      'ReportLibrary',
      "PNG figures need the package @expo-google-fonts/source-sans-3, which is not installed. Install this package's dependencies " +
        'again, or use --format svg.',
      { cause },
    )
  }
}

/**
 * Whether there may be letters that are not of the Latin, Greek or Cyrillic
 * alphabet: only then the fonts of the machine are looked through.
 */
const beyondFont = (svg: string): boolean => /[^\n -\u052f\u1e00-\u1fff\u2000-\u22ff\ufffd]/u.test(svg)
