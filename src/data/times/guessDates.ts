import { clockTokens, type ClockFormat } from './clockFormat.js'

/** Where a time of day begins, after the day: `T14:05`, ` 14:05:30.25 +01:00`, ` 2:05 PM`, ` 14.05`, `T140530Z`, ` 14`. */
const ZONE = String.raw`(?:(\s?)(Z|UTC|GMT|[-+]\d{2}(?::?\d{2})?|[A-Z]{3,4}))?`
const HALF = String.raw`(?:(\s?)([AaPp]\.?[Mm]\.?))?`
const CLOCKS: readonly RegExp[] = [
  new RegExp(String.raw`^(.+?)(\s*T\s*|,?\s+|[_:-])(\d{1,2})(:|h)(\d{2})(?:\4(\d{2})(?:[.,]\d{1,9})?)?${HALF}${ZONE}$`),
  new RegExp(String.raw`^(.+?)(T|,?\s+|_)(\d{1,2})(\.)(\d{2})(?:\.(\d{2})(?:[.,]\d{1,9})?)?${HALF}${ZONE}$`),
  new RegExp(String.raw`^(\d{8})(T|\s+|_|)(\d{2})()(\d{2})(\d{2})?(?:[.,]\d{1,9})?${HALF}${ZONE}$`),
  new RegExp(String.raw`^(.*\d{4}.*?)(\s+)(\d{1,2})()()()(\s?)([AaPp]\.?[Mm]\.?)${ZONE}$`),
  new RegExp(String.raw`^(\d{4}\D\d{2}\D\d{2}|\d{2}\D\d{2}\D\d{4})(T|\s+|_)(\d{2})()()()(?:()())?${ZONE}$`),
]

/** Letters that no date has; patterns take time that grows with their square. */
const TOO_LONG = 100

/** The formats that a text could be written in, as Luxon's tokens; the order says nothing. */
export function formatsOf(text: string): readonly string[] {
  if (text.length > TOO_LONG) return []
  for (const pattern of CLOCKS) {
    const match = pattern.exec(text)
    if (match === null) continue
    const [, day, between, hour, mark, minute, second, halfBefore, half, zoneBefore, zone] = match
    const formats = dayFormatsOf(day!)
    if (formats.length === 0) continue
    const clock: ClockFormat = {
      between: between!,
      mark: mark!,
      hour: half === undefined || half === '' ? (hour!.length === 2 ? 'HH' : 'H') : hour!.length === 2 ? 'hh' : 'h',
      finest: second ? 'second' : minute ? 'minute' : 'hour',
      digits: 0,
      half: half === undefined || half === '' ? undefined : halfBefore!,
      zone:
        zone === undefined
          ? undefined
          : {
              before: zoneBefore!,
              token:
                zone.startsWith('+') || zone.startsWith('-')
                  ? zone.includes(':')
                    ? 'ZZ'
                    : 'ZZZ'
                  : /^(Z|UTC|GMT)$/.test(zone)
                    ? (`'${zone}'` as const)
                    : 'ZZ',
            },
    }
    return formats.map((format) => format + clockTokens(clock))
  }
  const days = dayFormatsOf(text)
  return days.length > 0 ? days : clockWithin(text)
}

/** Clocks that do not stand at the end: `14:05 18.01.2021`, and what Unix prints, `Mon Jan 18 14:05:30 2021`. */
function clockWithin(text: string): readonly string[] {
  const unix = /^([A-Z][a-z]{2} )?[A-Z][a-z]{2}( {1,2})\d{1,2} \d{2}:\d{2}:\d{2} \d{4}$/.exec(text)
  if (unix !== null) return [`${unix[1] === undefined ? '' : 'EEE '}MMM${unix[2]}d HH:mm:ss yyyy`]
  const first = /^\d{2}:\d{2}(:\d{2})?( +)(\S.*)$/.exec(text)
  return first === null ? [] : dayFormatsOf(first[3]!).map((day) => `HH:mm${first[1] === undefined ? '' : ':ss'}${first[2]}${day}`)
}

/** The formats of a text that says a day, a week, a month or a quarter. */
function dayFormatsOf(text: string): readonly string[] {
  if (/[a-z]/i.test(text)) return lettersOf(text)
  if (/^\d{8}$/.test(text)) return ['yyyyMMdd']
  if (/^\d{6}$/.test(text)) return ['yyyyMM']
  const numbers =
    /^(\d{1,4})([-/. ])\s?(\d{1,2})(?:\2\s?(\d{1,4}))?$/.exec(text) ??
    /^(\d{1,2})([-/.])(\d{4})$/.exec(text) ??
    /^(\d{4})(-)(\d{3})$/.exec(text)
  if (numbers === null) return []
  const [, first, mark, second, third] = numbers
  const [y, a, b] = [first!, second!, third]
  if (b === undefined) {
    if (y.length === 4 && a.length === 2) return [`yyyy${mark}MM`]
    if (y.length === 4 && a.length === 1 && mark !== '.') return [`yyyy${mark}M`]
    if (y.length === 4 && a.length === 3) return [`yyyy${mark}ooo`]
    return y.length <= 2 && a.length === 4 ? [`${twice('M', y)}${mark}yyyy`] : []
  }
  if (y.length === 4) return b.length <= 2 ? [`yyyy${mark}${twice('M', a)}${mark}${twice('d', b)}`] : []
  if (y.length > 2) return []
  const last = b.length === 4 ? 'yyyy' : b.length === 2 ? 'yy' : undefined
  return [
    ...(last === undefined
      ? []
      : [`${twice('d', y)}${mark}${twice('M', a)}${mark}${last}`, `${twice('M', y)}${mark}${twice('d', a)}${mark}${last}`]),
    ...(y.length === 2 && b.length <= 2 ? [`yy${mark}${twice('M', a)}${mark}${twice('d', b)}`] : []),
  ]
}

const twice = (token: string, digits: string): string => (digits.length === 2 ? token + token : token)

/** Months by their English names; weeks and quarters. */
function lettersOf(text: string): readonly string[] {
  const week = /^\d{4}(-?)W\d{2}(?:(-?)\d)?$/.exec(text)
  if (week !== null) return [`kkkk${week[1]}'W'WW${week[2] === undefined ? '' : `${week[2]}c`}`]
  const quarter = /^\d{4}([- ]?)Q[1-4]$/.exec(text) ?? undefined
  if (quarter !== undefined) return [`yyyy${quarter[1]}'Q'q`]
  if (/^Q[1-4] \d{4}$/.test(text)) return [`'Q'q yyyy`]
  if (/^\d{4}M\d{2}$/.test(text)) return [`yyyy'M'MM`]
  const name = /(?<![a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)([a-z]*)\.?(?![a-z])/i.exec(text)
  if (name === null) return []
  const month = name[2] === '' || /^t$/i.test(name[2]!) ? 'MMM' : 'MMMM'
  const [before, after] = [text.slice(0, name.index), text.slice(name.index + name[0].length)]
  const weekday = /^([a-z]{3})[a-z]*(,? )/i.exec(before)
  const lead = weekday === null ? '' : (weekday[0].length - weekday[2]!.length === 3 ? 'EEE' : 'EEEE') + weekday[2]
  const rest = weekday === null ? before : before.slice(weekday[0].length)
  const day = /^(\d{1,2})(?:st|nd|rd|th)?(\W?\s?)$/i.exec(rest)
  const year = /^(\W?\s?)(\d{4}|\d{2})$/.exec(after)
  if (day !== null && year !== null)
    return [`${lead}${twice('d', day[1]!)}${day[2]}${month}${year[1]}${year[2]!.length === 4 ? 'yyyy' : 'yy'}`]
  if (rest === '' && year !== null && lead === '') return [`${month}${year[1]}${year[2]!.length === 4 ? 'yyyy' : 'yy'}`]
  const dayAfter = /^(\W?\s?)(\d{1,2})(?:st|nd|rd|th)?(\W\s?|\s)(\d{4})$/i.exec(after)
  if (rest === '' && dayAfter !== null) return [`${lead}${month}${dayAfter[1]}${twice('d', dayAfter[2]!)}${dayAfter[3]}yyyy`]
  const yearBefore = /^(\d{4})(\W?\s?)$/.exec(rest)
  const dayLast = /^(\W?\s?)(\d{1,2})$/.exec(after)
  if (yearBefore !== null && lead === '')
    return dayLast !== null
      ? [`yyyy${yearBefore[2]}${month}${dayLast[1]}${twice('d', dayLast[2]!)}`]
      : after === ''
        ? [`yyyy${yearBefore[2]}${month}`]
        : []
  return []
}
