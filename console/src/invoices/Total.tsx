import type { InvoiceRowFragment } from '../gql/graphql'
import { Amount } from '../ui/Amount'
import type { LinesTotal } from './useLinesTotals'

interface Props {
  total: InvoiceRowFragment['total']
  lines: LinesTotal | undefined // undefined: not read yet
}

/** The stated total; or the sum of the lines, which this service derived, with its label. */
export function Total({ total, lines }: Props) {
  if (total) return <Amount money={total} />
  if (lines === undefined)
    return (
      <span className="derived">
        <Amount money={null} />
        <small>reading the lines</small>
      </span>
    )
  if (lines === 'failed') return <Derived label="lines could not be read" />
  if (!lines?.sum) return <Derived label={lines ? 'lines state no sum' : 'no lines either'} />
  const { sum, unpriced } = lines
  const label = unpriced > 0 ? `sum of ${lines.lines - unpriced} of ${lines.lines} lines` : 'sum of the lines'
  return (
    <span className="derived" title="Derived by this service. The provider states no total.">
      <Amount money={sum} />
      <small>{label}</small>
    </span>
  )
}

const Derived = ({ label }: { label: string }) => (
  <span className="derived">
    <Amount money={null} />
    <small>{label}</small>
  </span>
)
