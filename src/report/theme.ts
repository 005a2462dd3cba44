import type { Specification } from './specification.js'

/** The colours of figures. The hues are of Okabe and Ito's set (2008), which the colour-blind can tell apart. */
export interface Palette {
  /** Text of axes, and observations given to the model. */
  readonly ink: string
  readonly muted: string
  readonly grid: string
  readonly surface: string
  /** Whatever the model says. */
  readonly model: string
  /** Whatever a second model says, where two are compared. */
  readonly other: string
  /** Whatever was kept from the model. */
  readonly heldout: string
  readonly linear: string
  readonly locf: string
  readonly mean: string
  /** Further colours of labels; the first four are those above. */
  readonly sky: string
  /** A sequence from low to high, and what is not known. */
  readonly s0: string
  readonly s1: string
  readonly s2: string
  readonly s3: string
  readonly s4: string
  readonly s5: string
  readonly s6: string
  readonly none: string
  /** Background of times that training never covered. */
  readonly beyond: string
}

export const light: Palette = {
  ink: '#1d2733',
  muted: '#5b6673',
  grid: '#e3e6e8',
  surface: '#ffffff',
  model: '#0072b2',
  other: '#b5578c',
  heldout: '#d55e00',
  linear: '#b87a00',
  locf: '#009e73',
  mean: '#b5578c',
  beyond: '#f5ecd6',
  sky: '#56b4e9',
  s0: '#471365',
  s1: '#424086',
  s2: '#33638d',
  s3: '#26828e',
  s4: '#1fa088',
  s5: '#3fbc73',
  s6: '#9bcf2e',
  none: '#a9b0b7',
}

export const dark: Palette = {
  ink: '#e8ebee',
  muted: '#9ea9b3',
  grid: '#323a42',
  surface: '#1b2127',
  model: '#56b4e9',
  other: '#e08fbb',
  heldout: '#ff8c42',
  linear: '#e69f00',
  locf: '#1fc498',
  mean: '#e08fbb',
  beyond: '#3a3324',
  sky: '#b3e0ff',
  s0: '#4f5fa8',
  s1: '#3f7fa6',
  s2: '#2f9aa0',
  s3: '#35b08b',
  s4: '#5ec962',
  s5: '#a5db36',
  s6: '#fde725',
  none: '#5d6873',
}

/** The palettes of files, by what `--theme` calls them. */
export const themes = { light, dark } as const

/** The colours of labels, the most frequent first. */
export const categoryColours = ['model', 'heldout', 'locf', 'mean', 'linear', 'sky', 'ink'] as const satisfies readonly (keyof Palette)[]

/** The palette of a page: variables, so that one drawing serves light, dark and print. */
export const variables: Palette = Object.fromEntries(Object.keys(light).map((name) => [name, `var(--${name})`])) as unknown as Palette

/** The declarations of the variables, for a style sheet. */
export function declarations(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';')
}

export const sansSerif = '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

/** Fonts of figures that are files: first the one that comes with this package, for PNG. */
export const stillFonts = `"Source Sans 3", ${sansSerif}`

/** Vega-Lite's configuration for all figures. */
export function configuration(palette: Palette): Specification {
  return {
    background: 'transparent',
    font: sansSerif,
    padding: { left: 2, right: 6, top: 6, bottom: 2 },
    view: { stroke: null },
    axis: {
      labelColor: palette.muted,
      titleColor: palette.muted,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: 400,
      gridColor: palette.grid,
      gridWidth: 1,
      domain: false,
      ticks: false,
      labelPadding: 6,
      titlePadding: 8,
    },
    axisX: {
      labelFlush: false,
      grid: false,
      domain: true,
      domainColor: palette.muted,
      domainOpacity: 0.5,
      ticks: true,
      tickSize: 4,
      tickColor: palette.muted,
      tickOpacity: 0.5,
      labelPadding: 3,
    },
    axisQuantitative: { labelExpr: numberLabel },
    text: { color: palette.muted, fontSize: 11 },
  }
}

/** Labels as people write them: 12k rather than 12,000, but 0.5 and never 500m. An empty label stays so. */
const numberLabel = "datum.label === '' ? '' : abs(datum.value) >= 10000 ? format(datum.value, '.4~s') : format(datum.value, '.4~g')"
