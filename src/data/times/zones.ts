import { FixedOffsetZone, IANAZone, type Zone } from 'luxon'
import { UserError } from '../../errors.js'
import { nearestName } from '../../nearest.js'
import { quote } from '../place.js'

/** What local times of a zone are in UTC, and back; all in seconds since 1970. */
export interface ZoneClock {
  readonly name: string
  /** Seconds east of UTC at a moment. */
  offsetAt(utc: number): number
  /** The moments that a clock on the wall shows as `local`: none where it is put forward, two where it is put back; earliest first. */
  momentsOf(local: number): readonly number[]
}

/** Offsets change at quarters of an hour only. */
const QUARTER = 900
const DAY = 86_400

/**
 * @param name an IANA name such as `Europe/Berlin`, or an offset such as `UTC+1` or `+01:00`
 * @throws UserError `BadTimeZone`
 */
export function zoneClock(name: string): ZoneClock {
  const zone = findZone(name)
  const known = new Map<number, number>()
  const offsetAt = (utc: number): number => {
    const quarter = Math.floor(utc / QUARTER)
    let offset = known.get(quarter)
    if (offset === undefined) {
      offset = zone.offset(quarter * QUARTER * 1000) * 60
      known.set(quarter, offset)
    }
    return offset
  }
  const fixed = zone.isUniversal ? offsetAt(0) : undefined
  return {
    name: zone.name,
    offsetAt: fixed === undefined ? offsetAt : () => fixed,
    momentsOf(local) {
      if (fixed !== undefined) return [local - fixed]
      // Whatever is in force here was so a day before or will be so a day after.
      const [before, after] = [offsetAt(local - DAY), offsetAt(local + DAY)]
      const moments = before === after ? [local - before] : [local - Math.max(before, after), local - Math.min(before, after)]
      return moments.filter((utc) => offsetAt(utc) === local - utc)
    },
  }
}

/** The name by which a zone goes into files: as the list spells it. @throws UserError `BadTimeZone` */
export function zoneName(name: string): string {
  const found = findZone(name).name
  return Intl.supportedValuesOf('timeZone').find((one) => one.toLowerCase() === found.toLowerCase()) ?? found
}

/** Whether there is a zone of a name. */
export function isZone(name: string): boolean {
  try {
    findZone(name)
    return true
  } catch {
    return false
  }
}

function findZone(name: string): Zone {
  const text = name.trim()
  if (/^(utc|gmt|z)$/i.test(text)) return FixedOffsetZone.utcInstance
  const offset = FixedOffsetZone.parseSpecifier(/^[-+]/.test(text) ? `UTC${text}` : text.toUpperCase())
  if (offset?.isValid && Math.abs(offset.offset(0)) <= 18 * 60) return offset
  if (IANAZone.isValidZone(text)) return IANAZone.create(text)
  throw unknownZone(text)
}

function unknownZone(text: string): UserError {
  const zones = Intl.supportedValuesOf('timeZone')
  const city = (zone: string): string => zone.slice(zone.lastIndexOf('/') + 1)
  const wanted = text.replace(/ /g, '_')
  const nearest = nearestName(wanted, zones) ?? zones.find((zone) => city(zone) === nearestName(city(wanted), zones.map(city)))
  return new UserError(
    'BadTimeZone',
    `There is no time zone ${quote(text)}. ` +
      `${nearest === undefined ? 'Give a name of the IANA list' : `Did you mean ${quote(nearest)}? Give that`}, like --time-zone ` +
      'Europe/Berlin, or an offset like --time-zone UTC+1.',
  )
}
