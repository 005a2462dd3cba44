import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { describe, expect, test } from 'vitest'
import { escapeMarkdown, markdownImage, markdownTable } from '../../src/report/markdown/escape.js'
import { reportFigures } from '../../src/report/figures/index.js'
import { renderMarkdown } from '../../src/report/markdown/renderMarkdown.js'
import { light } from '../../src/report/theme.js'
import { sampleContents } from './sample.js'

/** As GitHub reads it, HTML in it allowed: none may come of a name. */
const render = (markdown: string): string =>
  micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true, allowDangerousProtocol: true })

/** HTML as text. */
const plain = (markup: string): string =>
  markup
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')

const hostile = [
  '<script>alert(1)</script>',
  '</script><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '[a](javascript:alert(1))',
  '![a](x.png)',
  '__proto__',
  'a|b',
  'a\\|b',
  '`code`',
  '**bold**',
  '~~gone~~',
  '# heading',
  '- item',
  '+ item',
  '1. item',
  '1) item',
  '> said',
  '---',
  '===',
  '| --- |',
  '&lt;',
  'https://example.com/a',
  'www.example.com',
  'a@example.com',
  '[^1]',
  '- [ ] task',
  'alk_phos',
  '_a_',
  '\\',
  '<!--',
  '$x$',
]

describe('escapeMarkdown', () => {
  test.each(hostile)('%s is shown as it is, wherever it stands', (name) => {
    expect(render(escapeMarkdown(name))).toBe(`<p>${escaped(name)}</p>`)
    expect(plain(render(`# ${escapeMarkdown(name)}`))).toBe(name)
    const cells = [...render(markdownTable(['name', '>n'], [[escapeMarkdown(name), '1']])).matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(
      ([, cell]) => plain(cell!),
    )
    expect(cells).toEqual([name, '1'])
    const image = render(markdownImage(name, `some folder/${encodeURIComponent(name)}.svg`))
    expect(image).toMatch(/^<p><img src="[^"]*" alt="[^"]*" \/><\/p>$/)
  })

  test('stays on its line, and shows no control', () => {
    expect(escapeMarkdown('a\nb\r\n\n# c\u2028d\te')).toBe('a b \\# c d e')
    expect(escapeMarkdown('a\u0000b\u202ec\ud800')).toBe('a\ufffdb\ufffdc\ufffd')
  })

  test('leaves alone what needs nothing', () => {
    for (const text of ['0.02', 'alk_phos', 'Model (second), 3 – 4 %: −0.1', 'a-b', 'id 12']) expect(escapeMarkdown(text)).toBe(text)
  })

  const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
})

describe('renderMarkdown', () => {
  const render_ = (contents = sampleContents()): string =>
    renderMarkdown(contents, reportFigures(contents, light), ({ name }) => `figures/${name}.svg`)

  test('tells the headline, the scores beside the baselines, the settings and the warnings', () => {
    const contents = sampleContents()
    const page = render_(contents)
    expect(page).toMatch(/^# Primary biliary cholangitis: laboratory values\n\n\*\*On 47 held-out series, /)
    const { scores } = contents.evaluations.extrapolation!
    const cells = [...render(page).matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/g)].map(([, cell]) => plain(cell!))
    for (const value of [scores.mse, scores.baselines.locf.mse, scores.channels['bili']!.mse]) expect(cells).toContain(value.toFixed(3))
    for (const { label, value } of contents.model.settings) expect(cells).toEqual(expect.arrayContaining([label, value]))
    expect(page).toContain('> **Warning.** Forecasts of 2 of the 6 series run up to')
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/)
  })

  test('shows each figure once', () => {
    const contents = sampleContents()
    const expected = reportFigures(contents, light).map(({ name }) => `figures/${name}.svg`)
    expect([...render(render_(contents)).matchAll(/<img src="([^"]*)"/g)].map(([, path]) => path).sort()).toEqual(expected.sort())
  })

  test('names of the data come out as text', () => {
    const base = sampleContents({ channels: hostile.slice(0, 8), series: 4, ids: hostile.slice(0, 4), grid: 5 })
    const page = render(
      render_({
        ...base,
        title: hostile[1]!,
        idColumn: hostile[3]!,
        timeColumn: hostile[2]!,
        files: { model: hostile[0]!, data: hostile[8]! },
        notices: [{ kind: 'warning', text: hostile[3]! }],
        model: { label: 'A latent ODE', parameters: 1, settings: [{ group: '`', label: '|', value: '<b>' }] },
      }),
    )
    expect(page).not.toMatch(/<script|<a |<del|<code|<b>|<em/)
    expect([...page.matchAll(/<img [^>]*>/g)].every(([tag]) => tag.startsWith('<img src="figures/'))).toBe(true)
    const cells = [...page.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) => plain(cell!))
    for (const name of hostile.slice(0, 8)) expect(cells).toContain(name)
  })

  test.each([
    ['no evaluation', { evaluations: {} }],
    ['no history', { training: undefined }],
    ['no series', { series: [] }],
    ['no solver statistics', { solver: undefined }],
  ])('leaves out what is not there: %s', (_, change) => {
    const page = render_({ ...sampleContents(), ...change })
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object|\n\n\n/)
  })
})
