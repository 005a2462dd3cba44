/** Names that columns have, as `plainName` makes them: what a column is called says what it is most of the time. */

/** Whose course a series is. Those before come first where a table has several. */
const ID_NAMES = [
  'uniqueid',
  'seriesid',
  'patientid',
  'subjectid',
  'participantid',
  'stationid',
  'deviceid',
  'sensorid',
  'personid',
  'series',
  'patient',
  'subject',
  'participant',
  'station',
  'person',
  'individual',
  'animal',
  'device',
  'sensor',
  'usubjid',
  'subjid',
  'subj',
  'ptid',
  'mouse',
  'rat',
  'cow',
  'child',
  'volunteer',
  'proband',
  'respondent',
  'user',
  'customer',
  'client',
  'player',
  'athlete',
  'student',
  'employee',
  'member',
  'household',
  'plant',
  'tree',
  'plot',
  'specimen',
  'ticker',
  'symbol',
  'asset',
  'company',
  'firm',
  'store',
  'shop',
  'product',
  'sku',
  'machine',
  'engine',
  'vehicle',
  'car',
  'reactor',
  'country',
  'city',
  'county',
  'patienten',
  'patientin',
  'probanden',
  'paciente',
  'sujet',
  'sujeto',
  'animalid',
  'stationname',
  'id',
  'ids',
  'pid',
  'sid',
  'uid',
  'recordid',
  'stayid',
  'icustayid',
  'hadmid',
  'caseid',
  'entity',
] as const
/** Names of series that mean other things as often: taken where nothing better is there. */
export const WEAK_ID_NAMES = [
  'site',
  'unit',
  'record',
  'case',
  'item',
  'name',
  'location',
  'region',
  'well',
  'cell',
  'node',
  'track',
  'trajectory',
  'curve',
  'replicate',
  'run',
  'batch',
  'experiment',
  'episode',
  'trial',
] as const
/** `patient_id`, `PatientNr`, `Subject No.`, `ID_Patient`. */
const ID_ENDING = /[_ .-](?:id|ids|nr|no|num|number)\.?$|[a-z](?:I[Dd]|N[Rr]|No|Num|Number)\.?$|^(?:id|nr|no)[_ .-]/
/** What `ID_ENDING` would take for an id although it numbers something else. */
export const NUMBERS_ROWS =
  /^(?:row|rec|record|obs|observation|visit|sample|measurement|line|event|entry|index|order|seq|sequence|test|result|page|week|day|month|scan|image|frame)/i

export const TIME_NAMES = [
  'time',
  'times',
  't',
  'ds',
  'datetime',
  'timestamp',
  'date',
  'day',
  'days',
  'hour',
  'hours',
  'minute',
  'minutes',
  'min',
  'second',
  'seconds',
  'sec',
  'week',
  'weeks',
  'month',
  'months',
  'year',
  'years',
  'charttime',
  'when',
  'ts',
  'epoch',
  'unixtime',
  'elapsed',
  'yearmonth',
  'yyyymmdd',
  'yyyymm',
  'datum',
  'zeit',
  'zeitpunkt',
  'uhrzeit',
  'tag',
  'stunde',
  'jahr',
  'fecha',
  'hora',
  'heure',
  'jour',
] as const
export const TIME_ENDING =
  /(^|[_ .-])(time|date|datetime|timestamp)$|[a-z](Time|Date)$|^(time|date|datetime|timestamp)[_ .([-]|^elapsed[_ .-]/i
/** Taken for times where no other column can be. */
export const LAST_TIME_NAMES = [
  'age',
  'ageyears',
  'agemonths',
  'agedays',
  'visit',
  'wave',
  'session',
  'period',
  'step',
  'frame',
  'cycle',
  'round',
  'generation',
] as const

export const CHANNEL_NAMES = [
  'channel',
  'variable',
  'parameter',
  'feature',
  'measure',
  'measurement',
  'signal',
  'attribute',
  'test',
  'analyte',
  'metric',
  'key',
  'labtest',
  'itemname',
  'paramcd',
  'param',
] as const
export const VALUE_NAMES = ['value', 'val', 'values', 'result', 'reading', 'y', 'valuenum', 'aval'] as const
export const UNIT_NAMES = ['unit', 'units', 'uom', 'valueuom', 'valueunit', 'einheit', 'unitofmeasure'] as const

/** Which of some kinds a series or a row is: no measurement, even where it is coded by numbers. */
export const LABEL_NAMES = [
  'label',
  'labels',
  'class',
  'classlabel',
  'target',
  'category',
  'cluster',
  'group',
  'grp',
  'arm',
  'cohort',
  'treatment',
  'treated',
  'trt',
  'treat',
  'fold',
  'split',
  'sex',
  'gender',
  'male',
  'female',
  'race',
  'ethnicity',
  'ward',
  'outcome',
  'diagnosis',
  'genotype',
  'species',
  'phase',
  'weekday',
  'dayofweek',
  'dow',
  'holiday',
  'isholiday',
  'weekend',
  'isweekend',
] as const
/** Words about a row. */
export const NOTE_NAMES = [
  'note',
  'notes',
  'comment',
  'comments',
  'remark',
  'remarks',
  'text',
  'description',
  'message',
  'flag',
  'flags',
  'status',
  'quality',
  'type',
  'kind',
  'method',
  'source',
  'operator',
  'weather',
  'event',
] as const
/** What is measured or counted, and so tells no series apart. */
export const MEASURED_NAMES = [
  'count',
  'counts',
  'n',
  'value',
  'y',
  'x',
  'score',
  'rating',
  'age',
  'price',
  'sales',
  'level',
  'dose',
  'amount',
  'quantity',
  'weight',
  'height',
  'temp',
  'temperature',
  'on',
  'off',
] as const
/** Clocks and calendars beside the one that is the time. */
export const CALENDAR_NAMES = [
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'week',
  'quarter',
  'doy',
  'dayofyear',
  'weekofyear',
  'date',
  'time',
  'timestamp',
  'datetime',
  'yearmonth',
] as const
/** What was given, not measured. */
export const INPUT_NAMES = ['dose', 'dosage', 'doses'] as const
/** Marks of values beyond a limit of detection. */
export const CENSOR_NAMES = ['cens', 'censor', 'censored', 'iscensored', 'blq', 'bql', 'bloq', 'belowlod', 'detected', 'nondetect'] as const
/** Records of NONMEM: doses, their kind, rate and place. */
export const NONMEM_NAMES = ['amt', 'evid', 'mdv', 'cmt', 'rate', 'addl', 'ii', 'ss', 'dv', 'lloq', 'blq', 'bql', 'occ'] as const
/** Numbers of rows. */
export const ROW_NAMES = [
  '',
  'row',
  'rows',
  'rowid',
  'rownum',
  'rownumber',
  'rowno',
  'index',
  'idx',
  'obs',
  'obsid',
  'observation',
  'recno',
  'seq',
  'nr',
  'no',
  'unnamed0',
  'x1',
  'v1',
  'lfdnr',
  'line',
  'rank',
] as const

/** A name without case, blanks and punctuation. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

export const isNamed = (name: string, names: readonly string[]): boolean => names.includes(plainName(name))

/** Positions of columns with one of some names, in the order of the names; then of those whose name has some ending. */
export function byName(header: readonly string[], names: readonly string[], ending?: RegExp): number[] {
  const exact = names.flatMap((name) => header.flatMap((column, i) => (plainName(column) === name ? [i] : [])))
  const others = ending === undefined ? [] : header.flatMap((column, i) => (ending.test(column) && !exact.includes(i) ? [i] : []))
  return [...exact, ...others]
}

/** Whether a name says of itself that it is an id or a number of something: `visit_id`, `Subject No.`. */
export const endsLikeId = (name: string): boolean =>
  ['id', 'ids', 'pid', 'sid', 'uid'].includes(plainName(name)) || ID_ENDING.test(name.trim()) || ID_ENDING.test(name.trim().toLowerCase())

/** Positions of columns that are named like ids: `patient`, `mouseid`, `Subject No.`; not like numbers of rows. */
export function namedLikeIds(header: readonly string[]): number[] {
  const stems = new Set<string>([...ID_NAMES, ...WEAK_ID_NAMES])
  const joined = (name: string): boolean => {
    const [, stem] = /^(\p{L}+?)(?:id|ids|nr|no|number|code|name|key|num)$/u.exec(plainName(name)) ?? []
    return stem !== undefined && stems.has(stem)
  }
  const found = byName(header, ID_NAMES)
  header.forEach((name, i) => {
    if (name !== '' && !found.includes(i) && (joined(name) || endsLikeId(name)) && !NUMBERS_ROWS.test(name)) found.push(i)
  })
  return found
}
