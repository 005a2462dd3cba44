import { looksLikeNumber, plainSigns } from './numberStyle.js'

/** What a cell that is no plain number may still say of one. */
export type MeasuredCell =
  | { readonly kind: 'number'; readonly digits: string; readonly affix: string }
  /** Beyond a limit of what could be measured: `<4.0`, `> 100`. */
  | { readonly kind: 'censored'; readonly side: 'below' | 'above'; readonly digits: string; readonly affix: string }
  | { readonly kind: 'infinite' }
  | { readonly kind: 'text' }

const LIMIT = /^(<=?|>=?|≤|≥)\s*(.*)$/
const MONEY = /^([-+]?)\s*([$€£¥])\s*(\d.*)$/
/** A number, then a unit that begins with a letter or a sign: `95%`, `72 kg`, `5.1 mmol/L`. */
const WITH_UNIT = /^([-+]?[\d.,' ]*\d[.,]?)(\s*)(%|‰|°\s?[CFK]?|[$€£¥]|[a-zA-Zµμ][\w/%^µμ·*.²³⁻-]{0,11})$/

/** Takes a cell's text apart: digits, a limit's sign, a unit or currency around it. */
export function measuredCell(cell: string): MeasuredCell {
  const text = plainSigns(cell)
  if (/^[-+]?(?:inf|infinity|1\.#inf)$/i.test(text)) return { kind: 'infinite' }
  const [, sign, rest] = LIMIT.exec(text) ?? []
  if (sign !== undefined) {
    const { digits, affix } = withoutUnit(rest!)
    return digits === undefined
      ? { kind: 'text' }
      : { kind: 'censored', side: sign === '<' || sign === '<=' || sign === '≤' ? 'below' : 'above', digits, affix }
  }
  const { digits, affix } = withoutUnit(text)
  return digits === undefined ? { kind: 'text' } : { kind: 'number', digits, affix }
}

function withoutUnit(text: string): { digits: string; affix: string } | { digits: undefined; affix: '' } {
  if (looksLikeNumber(text)) return { digits: text, affix: '' }
  const [, minus, money, amount] = MONEY.exec(text) ?? []
  if (money !== undefined && looksLikeNumber(amount!)) return { digits: `${minus}${amount}`, affix: money }
  const [, digits, , unit] = WITH_UNIT.exec(text) ?? []
  // 0x10, 0b1 and 0o7 are no zeros with a unit.
  if (unit !== undefined && looksLikeNumber(digits!) && !/^0[xXbBoO]/.test(text)) return { digits: digits!, affix: unit }
  return { digits: undefined, affix: '' }
}
