import type { ReportContents } from '../contents.js'
import type { Html } from '../html.js'
import type { Specification } from '../specification.js'
import type { Palette } from '../theme.js'

/** A figure: panels under one title with one key. Pages, files, Markdown and notebooks show the same ones. */
export interface Figure {
  /** Name of its file, without an ending: letters, digits and dashes. */
  readonly name: string
  readonly title: string
  /** What a reader must know, in a sentence. */
  readonly note?: string
  /** What the figure shows, for those who do not see it. */
  readonly description: string
  readonly key: readonly KeyEntry[]
  readonly panels: readonly Panel[]
  /** Most panels that stand side by side. */
  readonly columns: number
  /** How it stands on a page, where that is otherwise than in a file. */
  readonly page?: OnPage
}

/** A Vega-Lite view of a figure, and its words. */
export interface Panel {
  readonly title?: string
  /** The series that it is of, if it is of one. */
  readonly series?: string
  /** Fills whatever width it is given. */
  readonly spec: Specification
  /** On a page, fit for an `id` attribute; default the name of the figure and a number. */
  readonly name?: string
  /** Above it on a page; default the title. */
  readonly caption?: { readonly title: string; readonly note?: string }
  /** What it shows, on a page, where each panel is described; default its title and the figure's description. */
  readonly description?: string
}

export interface OnPage {
  /** In place of the note. */
  readonly lede?: string
  /** Class of the element that holds the panels; default by the number of columns. */
  readonly layout?: 'panels' | 'panels three' | 'pair' | 'quarter'
  /** In place of the key, where the reader may choose. */
  readonly controls?: Html
}

/** A sample of a mark, and what it stands for. */
export interface KeyEntry {
  readonly mark:
    | 'dot'
    | 'ring'
    | 'line'
    | 'dashed'
    | 'wave'
    | 'band'
    | 'ticks'
    | 'circle'
    | 'diamond'
    | 'square'
    | 'triangle-up'
    | 'triangle-down'
    | 'triangle-right'
    | 'cross'
  readonly colour: string
  /** Default 1. */
  readonly opacity?: number
  readonly label: string
}

/**
 * Where figures are shown: on the page; as files in a folder and beside Markdown; as the single file that stands for the
 * whole report; in a notebook.
 */
export type Medium = 'page' | 'file' | 'single' | 'notebook'

export interface Look {
  readonly palette: Palette
  readonly medium: Medium
}

/** What a table of figures lists. */
export interface FigureKind<Contents, Section extends string = string> {
  /** The section that it stands in. */
  readonly section: Section
  /** Default all but `single`. */
  readonly media?: readonly Medium[]
  /** None where the contents have nothing to show. */
  draw(contents: Contents, look: Look): readonly Figure[]
}

/** A figure of a report on one model. */
export type ReportFigure = FigureKind<ReportContents, 'forecasts' | 'errors' | 'calibration' | 'latent' | 'data' | 'training'>

export interface DrawnFigure extends Figure {
  readonly section: string
}

/** The figures of a table that have something to show, in its order. */
export const drawFigures = <Contents>(kinds: readonly FigureKind<Contents>[], contents: Contents, look: Look): DrawnFigure[] =>
  kinds
    .filter(({ media = ['page', 'file', 'notebook'] }) => media.includes(look.medium))
    .flatMap(({ section, draw }) => draw(contents, look).map((figure) => ({ ...figure, section })))
