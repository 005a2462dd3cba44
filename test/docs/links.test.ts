import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { pages } from './blocks.js'
import { root } from './package.js'

/** Anchors as GitHub makes them of headings: small letters, punctuation gone, blanks to dashes. */
const anchors = (page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

test.each(pages)('links of %s lead somewhere', (page) => {
  const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)]
    .map(([, link, attribute]) => (link ?? attribute)!)
    .filter((target) => !/^https?:/.test(target))
  const broken = links.filter((target) => {
    const [file = '', anchor] = target.split('#')
    const path = file === '' ? page : relative(root, join(root, dirname(page), file))
    return !existsSync(join(root, path)) || (anchor !== undefined && !anchors(path).includes(anchor))
  })
  expect(broken).toEqual([])
})
