import type { KeyEntry } from './figure.js'

/**
 * The mark of a key's entry in a field of 22 by 14 pixels, as SVG.
 *
 * @param surface the colour behind it
 */
export function sample({ mark, colour, opacity = 1 }: KeyEntry, surface: string): string {
  const fill = `fill="${colour}"${opacity === 1 ? '' : ` opacity="${opacity}"`}`
  switch (mark) {
    case 'dot':
      return `<circle cx="11" cy="7" r="3" ${fill}/>`
    case 'ring':
      return `<circle cx="11" cy="7" r="3.2" fill="${surface}" stroke="${colour}" stroke-width="1.75"/>`
    case 'line':
      return `<path d="M1 7H21" stroke="${colour}" stroke-width="2"/>`
    case 'dashed':
      return `<path d="M1 7H21" stroke="${colour}" stroke-width="2" stroke-dasharray="5 3"/>`
    case 'wave':
      return `<path d="M1 10Q7 1 13 7T21 5" fill="none" stroke="${colour}"${opacity === 1 ? '' : ` opacity="${opacity}"`}/>`
    case 'band':
      return `<rect x="1" width="20" height="14" ${fill}/>`
    case 'ticks':
      return `<path d="M7 1V13M12 1V13M16 1V13" stroke="${colour}" stroke-width="2"/>`
    case 'circle':
      return `<circle cx="11" cy="7" r="5" ${fill}/>`
    case 'diamond':
      return `<path d="M11 1.5 15 7 11 12.5 7 7Z" ${fill}/>`
    case 'square':
      return `<rect x="7" y="3" width="8" height="8" ${fill}/>`
    case 'triangle-down':
      return `<path d="M11 12 16 2.5H6Z" ${fill}/>`
    case 'triangle-right':
      return `<path d="M16 7 7 12V2Z" ${fill}/>`
    case 'cross':
      return `<path d="M9 2h4v3h3v4h-3v3H9V9H6V5h3Z" ${fill}/>`
    case 'triangle-up':
      return `<path d="M11 2 16 11.5H6Z" ${fill}/>`
  }
}
