/** Options that are sizes of a model's parts, and what each is by default for a number of channels. */
const sizes = {
  latents: latentsFor,
  encoderUnits: unitsFor,
  encoderFieldUnits: unitsFor,
  fieldUnits: unitsFor,
  decoderUnits: unitsFor,
  units: unitsFor,
} as const
type SizeName = keyof typeof sizes

/** The options with numbers for all sizes. */
export type Sized<Options> = { readonly [Name in keyof Options]: Name extends SizeName ? Exclude<Options[Name], 'auto'> : Options[Name] }

/**
 * Fills in the sizes that are `auto`. They go by the number of channels: 1 or 2 have 8 latents and 32 units, from 8 on 20 and 64. On
 * validation series of Hopper (14 channels) and Physiome MAL01 (9) the larger sizes were better, on activity (12), PhysioNet (37) and
 * pbcseq (7), with few series or little to see of their dynamics, no worse.
 */
export function sized<Options extends object>(options: Options, channels: number): Sized<Options> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, value === 'auto' && isSize(name) ? sizes[name](channels) : value]),
  ) as Sized<Options>
}

/** What the sizes that were `auto` have become, in words; undefined if none was. */
export function sizesInWords(options: object, channels: number): string | undefined {
  const chosen = Object.entries(options).filter(([name, value]) => value === 'auto' && isSize(name))
  if (chosen.length === 0) return undefined
  const latents = chosen.some(([name]) => name === 'latents') ? `${latentsFor(channels)} latents` : ''
  const units = chosen.some(([name]) => name !== 'latents') ? `${unitsFor(channels)} units a layer` : ''
  return [latents, units].filter((part) => part !== '').join(' and ')
}

function latentsFor(channels: number): number {
  return Math.min(20, Math.max(8, 2 * channels + 4))
}

function unitsFor(channels: number): number {
  return channels <= 2 ? 32 : channels <= 5 ? 48 : 64
}

const isSize = (name: string): name is SizeName => Object.hasOwn(sizes, name)
