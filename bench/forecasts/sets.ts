/** A real data set, where it lies and which of its columns are channels. */
export interface DataSet {
  readonly name: string
  /** Below the folder of data. */
  readonly path: string
  /** Where not all numeric columns are. */
  readonly values?: readonly string[]
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `x${i + 1}`)
const body = ['ankleL', 'ankleR', 'chest', 'belt'].flatMap((place) => ['x', 'y', 'z'].map((axis) => `${place}_${axis}`))

/** The sets that defaults are judged on, small ones first. None of them is part of the package. */
export const dataSets: readonly DataSet[] = [
  { name: 'jaw_growth', path: 'jaw_growth/jaw_growth.csv' },
  { name: 'milk', path: 'milk/milk.csv' },
  { name: 'pbcseq', path: 'pbcseq/pbcseq.csv' },
  { name: 'glucose_days', path: 'glucose_days/glucose_days.csv.gz' },
  { name: 'activity', path: 'activity/activity.csv.gz', values: body },
  { name: 'LI01', path: 'physiome/LI01.csv.gz', values: numbered(5) },
  { name: 'PUR01', path: 'physiome/PUR01.csv.gz', values: numbered(3) },
  { name: 'MAL01', path: 'physiome/MAL01.csv.gz', values: numbered(9) },
  { name: 'air_quality', path: 'air_quality/air_quality.csv.gz' },
  { name: 'hopper', path: 'hopper/hopper.csv.gz' },
  { name: 'ushcn', path: 'ushcn/ushcn.csv.gz' },
  { name: 'physionet2012', path: 'physionet2012/set_a.csv.gz' },
]
