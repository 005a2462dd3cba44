import { UserError } from '../errors.js'
import { nearestName } from '../nearest.js'
import { quote } from './place.js'

/** What people and other programs call encodings that the WHATWG calls otherwise. */
const ALIASES: Readonly<Record<string, string>> = {
  'latin-1': 'windows-1252',
  'latin-9': 'iso-8859-15',
  ansi: 'windows-1252',
  western: 'windows-1252',
  'utf-8-sig': 'utf-8',
  'utf8-sig': 'utf-8',
  utf16: 'utf-16',
  utf16le: 'utf-16le',
  utf16be: 'utf-16be',
  'utf-16-le': 'utf-16le',
  'utf-16-be': 'utf-16be',
  'mac-roman': 'macintosh',
  macroman: 'macintosh',
  'mac-cyrillic': 'x-mac-cyrillic',
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
}

/** Those that tables come in most often. */
const COMMON = [
  'utf-8',
  'utf-16',
  'windows-1252',
  'latin1',
  'iso-8859-15',
  'windows-1250',
  'windows-1251',
  'macintosh',
  'shift_jis',
  'gb18030',
  'big5',
  'euc-kr',
]

/**
 * The name by which the WHATWG's Encoding Standard knows an encoding: `windows-1252` for `Latin1`, `cp1252`, `ANSI`.
 *
 * @throws UserError `BadEncoding` where there is none of that name
 */
export function encodingNamed(label: string): string {
  const plain = label.trim().toLowerCase()
  const dashed = plain.replaceAll('_', '-')
  const spellings = [
    plain,
    dashed,
    ALIASES[dashed],
    dashed.replace(/^(?:cp|win|windows)?-?(125\d|874)$/, 'windows-$1'),
    dashed.replace(/^(?:iso-?)?8859-(\d+)$/, 'iso-8859-$1'),
  ]
  for (const spelling of spellings) {
    if (spelling === undefined) continue
    try {
      return new TextDecoder(spelling).encoding
    } catch {
      // The next spelling may be known.
    }
  }
  const nearest = nearestName(dashed, COMMON)
  throw new UserError(
    'BadEncoding',
    `There is no encoding ${quote(label)} here. ${nearest === undefined ? '' : `Did you mean ${nearest}? `}Common ones are ` +
      `${COMMON.join(', ')}; of others \`iconv -f ${/^[\w.-]+$/.test(label) ? label : 'NAME'} -t utf-8\` makes UTF-8.`,
  )
}

/** An encoding as people write it: `Windows-1252`, `UTF-16LE`. */
export const encodingTitle = (encoding: string): string =>
  encoding.startsWith('windows') || encoding === 'macintosh' ? encoding[0]!.toUpperCase() + encoding.slice(1) : encoding.toUpperCase()

/** The encoding that a byte-order mark tells, and how many bytes the mark has. */
export function byteOrderMark(
  head: Uint8Array,
): { readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32'; readonly length: number } | undefined {
  const starts = (...bytes: number[]): boolean => bytes.every((byte, i) => head[i] === byte)
  if (starts(0xef, 0xbb, 0xbf)) return { encoding: 'utf-8', length: 3 }
  if (starts(0xff, 0xfe, 0, 0) || starts(0, 0, 0xfe, 0xff)) return { encoding: 'utf-32', length: 4 }
  if (starts(0xff, 0xfe)) return { encoding: 'utf-16le', length: 2 }
  return starts(0xfe, 0xff) ? { encoding: 'utf-16be', length: 2 } : undefined
}

/**
 * Which UTF-16 some bytes without a mark are. In a table most characters are ASCII, whose upper bytes are 0: all NUL
 * bytes stand on one side then, and what comes out is text.
 */
export function recogniseUtf16(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const units = head.length >> 1
  let even = 0
  let odd = 0
  for (let i = 0; i < 2 * units; i += 2) {
    if (head[i] === 0) even++
    if (head[i + 1] === 0) odd++
  }
  if (units < 2 || even > 0 === odd > 0 || even + odd < units / 5) return undefined
  const encoding = odd > 0 ? 'utf-16le' : 'utf-16be'
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(head.subarray(0, 2 * units), { stream: true })
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u0008\u000e-\u001f\ufffd\ufffe\uffff]/.test(text) ? undefined : encoding
}

/**
 * Whether bytes that are no UTF-8 may be Western text in Windows-1252. That table has a character for nearly every byte,
 * so others would come out as wrong letters without a word: runs of letters beyond ASCII (Greek, Cyrillic, Chinese,
 * Japanese), capitals and quotation marks within words (Macintosh, MS-DOS), and bytes that stand for nothing speak against it.
 */
export function mayBeWestern(bytes: Buffer): boolean {
  return !/[\x81\x8d\x8f\x90\x9d]|[\x80-\x9f\xa1-\xff]{3}|[a-z][\x8a\x8c\x8e\x9f\xc0-\xd6\xd8-\xde]|[A-Za-z][\x82\x84\x86-\x89\x8b\x91\x93\x94\x98\x99\x9b][A-Za-z]/.test(
    bytes.toString('latin1'),
  )
}
