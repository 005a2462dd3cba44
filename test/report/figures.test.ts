import { describe, expect, test } from 'vitest'
import type { ReportContents } from '../../src/report/contents.js'
import { drawFigures, type FigureKind, type Look, type Medium } from '../../src/report/figures/figure.js'
import { renderMarkdown } from '../../src/report/markdown/renderMarkdown.js'
import { sections } from '../../src/report/sections/index.js'
import { drawSections } from '../../src/report/sections/section.js'
import { renderSheet } from '../../src/report/still/sheet.js'
import { light } from '../../src/report/theme.js'
import { sampleContents } from './sample.js'

/** What a newcomer writes, and nothing else. */
const lengths: FigureKind<ReportContents, 'data'> = {
  section: 'data',
  draw: ({ data: { raster } }, { palette }) => [
    {
      name: 'lengths',
      title: 'How long series are <in rows>',
      note: 'A bar for each series.',
      description: 'Rows of each series.',
      key: [{ mark: 'square', colour: palette.muted, label: 'rows' }],
      columns: 1,
      panels: [
        {
          spec: {
            width: 'container',
            datasets: { lengths: raster.map(({ times }, i) => ({ i, rows: times.length })) },
            data: { name: 'lengths' },
            mark: 'bar',
            encoding: { x: { field: 'i', type: 'ordinal' }, y: { field: 'rows', type: 'quantitative' } },
          },
        },
      ],
    },
  ],
}

const contents = sampleContents({ series: 2, grid: 10 })
const look = (medium: Medium): Look => ({ palette: light, medium })

describe('a figure that is described once', () => {
  const figures = drawFigures([lengths], contents, look('page'))

  test('stands in its section of the page under its title, with note, key and an alternative text', () => {
    const data = drawSections(sections, contents, figures).find(({ name }) => name === 'data')!
    const text = data.body.markup.replace(/<[^>]*>/g, '\n')
    for (const said of ['How long series are &#60;in rows&#62;', 'A bar for each series.', 'rows']) expect(text).toContain(`\n${said}`)
    expect(data.body.markup).toContain('id="lengths-0" role="img" aria-label="Rows of each series."')
    expect(data.plots.map(({ name }) => name)).toEqual(['lengths-0'])
  })

  test('is a file, and stands in Markdown below the heading of its section', async () => {
    expect(await renderSheet(figures[0]!, light)).toContain('<title>How long series are &#60;in rows&#62;</title>')
    const page = renderMarkdown(contents, figures, ({ name }) => `${name}.svg`)
    expect(page).toMatch(/## The data\n[^#]*!\[Rows of each series.\]\(lengths.svg\)/)
  })

  test('is drawn where it is to be shown, by itself everywhere but in the one file that stands for the report', () => {
    const drawn = (kind: typeof lengths): number[] =>
      (['page', 'file', 'single', 'notebook'] as const).map((medium) => drawFigures([kind], contents, look(medium)).length)
    expect(drawn(lengths)).toEqual([1, 1, 0, 1])
    expect(drawn({ ...lengths, media: ['page', 'single'] })).toEqual([1, 0, 1, 0])
  })
})

test('a key that is that of the figure before is not said again', () => {
  const captioned = drawFigures([lengths], contents, look('page')).map((figure) => ({
    ...figure,
    section: 'training',
    panels: figure.panels.map((panel) => ({ ...panel, caption: { title: 'Rows' } })),
  }))
  const body = (some: typeof captioned): string =>
    drawSections(sections, contents, some).find(({ name }) => name === 'training')!.body.markup
  expect(body([...captioned, ...captioned]).match(/class="key"/g)).toHaveLength(1)
  expect(
    body([...captioned, { ...captioned[0]!, key: [{ mark: 'line', colour: '#000', label: 'other' }] }]).match(/class="key"/g),
  ).toHaveLength(2)
})
