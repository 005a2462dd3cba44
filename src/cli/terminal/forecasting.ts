import type { FittedModel } from '../../train/modelFile.js'

type Line = [name: string, text: string]

/** How forecasts are made, as lines of a fit's summary: where it is not simply what the model says. */
export const describeForecast = async (fitted: FittedModel): Promise<Line[]> => [
  ...describeWeighing(fitted),
  ...(await describeStack(fitted)),
]

/** What samples of z0 count for, where that is less than their weights say, as a line of the summary. */
const describeWeighing = ({ weightPower }: FittedModel): Line[] =>
  weightPower === undefined
    ? []
    : [
        [
          'Samples',
          `of z0 are weighted by how well they explain what is shown, to the power ${weightPower}: with all of their weight validation ` +
            'series were forecast worse',
        ],
      ]

/** What the forecasts are averaged of, as a line of the summary. */
async function describeStack({ stack, kind }: FittedModel): Promise<Line[]> {
  if (stack === undefined) return []
  const { sharesOf } = await import('../../model/stack.js')
  const [own] = sharesOf(stack, kind)
  const percent = (share: number): string => `${Math.round(100 * share)} %`
  const counts =
    stack.distances.length > 1 ? `${percent(own!.near)} near a value shown, ${percent(own!.far)} far from any` : percent(own!.near)
  return [['Forecast', `averaged with ${stack.members.join(', ')}: ${kind} counts ${counts} (--stack none: ${kind} alone)`]]
}
