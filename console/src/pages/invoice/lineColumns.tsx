import Big from 'big.js'
import type { ChargeCategory } from '../../gql/graphql'
import { counted } from '../../lib/money'
import { Amount } from '../../ui/Amount'
import { Badge } from '../../ui/Badge'
import type { Column } from '../../ui/Table'
import { type Check, differing, verdictTone } from './check'
import { type Line, nameOfLine } from './line'

type Details<Name> = Extract<Line['details'], { __typename: Name }>
type ArcheraLine = Line & { details: Details<'ArcheraLineItemDetails'> }

const CATEGORIES: Readonly<Partial<Record<ChargeCategory, string>>> = {
  PURCHASE: 'purchase',
  TAX: 'tax',
  CREDIT: 'credit',
  ADJUSTMENT: 'adjustment',
}

/** The columns that fit what the provider states. The last one is the cost. */
export function columnsOf(lines: readonly Line[], checks: readonly Check[]): readonly Column<Line>[] {
  const kind = lines[0]?.details.__typename
  const off = new Map(differing(checks).map((check) => [check.subject, check]))
  if (kind === 'ArcheraLineItemDetails') return archera(off) as readonly Column<Line>[]
  if (kind === 'SpectroCloudLineItemDetails') return palette(off)
  return fastly(off)
}

type Off = ReadonlyMap<string, Check>

const unknown = <span className="unknown">not stated</span>

/** The first cell: the name of the line, its category unless it is usage, and whether a figure of it differs. */
function Name({ line, off, small }: { line: Line; off: Off; small?: string | null | undefined }) {
  const check = off.get(line.id)
  return (
    <>
      <span className="line-name">{nameOfLine(line)}</span>{' '}
      {CATEGORIES[line.category] && line.details.__typename !== 'ArcheraLineItemDetails' && <Badge>{CATEGORIES[line.category]}</Badge>}{' '}
      {check && (
        <a href="#checks" className="plain-link">
          <Badge tone={verdictTone(check.verdict)}>does not add up</Badge>
        </a>
      )}
      {small && <small className="below">{small}</small>}
    </>
  )
}

const cost: Column<Line> = { key: 'cost', header: 'Cost', align: 'end', cell: (line) => <Amount money={line.cost} /> }
const unitPrice: Column<Line> = {
  key: 'price',
  header: 'Unit price',
  align: 'end',
  cell: (line) => <Amount money={line.unitPrice} />,
}

const fastly = (off: Off): readonly Column<Line>[] => [
  {
    key: 'line',
    header: 'Line',
    cell: (line) => {
      const { details, product, productGroup } = line
      const own = details.__typename === 'FastlyLineItemDetails' ? details : undefined
      const words = [product, productGroup, own?.usageType, own?.couponCode && `Coupon ${own.couponCode}`].filter(Boolean)
      return <Name line={line} off={off} small={[...new Set(words)].filter((word) => word !== nameOfLine(line)).join(' · ')} />
    },
  },
  { key: 'region', header: 'Region', cell: ({ region }) => region ?? unknown },
  {
    key: 'quantity',
    header: 'Quantity',
    align: 'end',
    cell: ({ quantity }) => (quantity ? <span className="amount">{counted(quantity)}</span> : unknown),
  },
  unitPrice,
  cost,
]

const palette = (off: Off): readonly Column<Line>[] => [
  { key: 'line', header: 'Product', cell: (line) => <Name line={line} off={off} /> },
  { key: 'tier', header: 'Tier', cell: ({ details }) => ('tier' in details && details.tier) || unknown },
  {
    key: 'used',
    header: 'Used credits',
    align: 'end',
    cell: ({ details }) => ('usedCredits' in details && details.usedCredits ? counted({ amount: details.usedCredits }) : unknown),
  },
  { key: 'quantity', header: 'Billed', align: 'end', cell: ({ quantity }) => (quantity ? counted(quantity) : unknown) },
  unitPrice,
  cost,
]

const archera = (off: Off): readonly Column<ArcheraLine>[] => [
  { key: 'line', header: 'Commitment', cell: (line) => <Name line={line} off={off} small={line.details.reference} /> },
  { key: 'term', header: 'Term', cell: ({ details }) => details.contractTerm?.replaceAll('_', ' ') ?? unknown },
  {
    key: 'utilization',
    header: 'Utilisation',
    align: 'end',
    cell: ({ details: { utilization } }) => (utilization ? share(utilization) : unknown),
  },
  { key: 'gross', header: 'Gross savings', align: 'end', cell: ({ details }) => <Amount money={details.grossSavings} /> },
  { key: 'rebate', header: 'Rebate', align: 'end', cell: ({ details }) => <Amount money={details.rebate} /> },
  { key: 'net', header: 'Net savings', align: 'end', cell: ({ details }) => <Amount money={details.netSavings} /> },
  { key: 'cost', header: 'Premium (cost)', align: 'end', cell: ({ details }) => <Amount money={details.premium} /> },
]

/** A share as a percentage, with all of its digits. */
const share = (part: string) => `${counted({ amount: new Big(part).times('100').toFixed() })}\u202f%`
