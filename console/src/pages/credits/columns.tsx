import type { CreditState } from '../../gql/graphql'
import { hrefOf } from '../../lib/address'
import { day, periodName } from '../../lib/time'
import { Badge, type Tone } from '../../ui/Badge'
import { Simulated } from '../../ui/Simulated'
import type { Column } from '../../ui/Table'
import { CreditAmount, Meter } from './CreditAmount'
import { daysLeft, SOON } from './ends'
import { KINDS, STATES } from './filter'
import type { Credit } from './useCredits'

const TONES: Readonly<Record<CreditState, Tone>> = { ACTIVE: 'good', NOT_STARTED: 'info', EXPIRED: 'quiet', EXHAUSTED: 'quiet' }

export const hrefOfCredit = ({ invoice }: Credit) => hrefOf('invoice', { id: invoice.id })

/** The provider's words for the credit, or its kind; below them the rest of what names it. */
function Name({ credit: { kind, product, description, reference, state } }: { credit: Credit }) {
  // The id of a credit with a balance is an internal one. That of another credit is a coupon's code or a line of the invoice.
  const rest = [description && KINDS[kind], product && kind !== 'COUPON' && `for ${product}`, !state && reference]
  return (
    <span className="titled">
      {description ?? KINDS[kind]}
      <small>{rest.filter(Boolean).join(' ')}</small>
    </span>
  )
}

const COMMON: readonly Column<Credit>[] = [
  { key: 'credit', header: 'Credit', cell: (credit) => <Name credit={credit} /> },
  {
    key: 'account',
    header: 'Account',
    cell: ({ account }) => (
      <>
        {account.name} <Simulated account={account} />
      </>
    ),
  },
]

const STATE: Column<Credit> = { key: 'state', header: 'State', cell: ({ state }) => state && <Badge tone={TONES[state]}>{STATES[state]}</Badge> }
const SHOWN: Column<Credit> = { key: 'invoice', header: 'Shown on invoice', cell: ({ invoice }) => <span className="whole">{periodName(invoice.period)}</span> }
const GRANTED: Column<Credit> = { key: 'value', header: 'Granted', align: 'end', cell: ({ value }) => <CreditAmount value={value} /> }

/** Credits whose dates or remaining part are stated. */
export const usableColumns = (now: string): readonly Column<Credit>[] => [
  ...COMMON,
  { key: 'ends', header: 'Ends', cell: (credit) => <Ends credit={credit} now={now} /> },
  GRANTED,
  { key: 'used', header: 'Used', align: 'end', cell: ({ used }) => <CreditAmount value={used} /> },
  {
    key: 'left',
    header: 'Left',
    align: 'end',
    cell: ({ value, remaining }) => (
      <span className="left">
        <CreditAmount value={remaining} />
        <Meter value={value} remaining={remaining} />
      </span>
    ),
  },
  SHOWN,
]

export const overColumns = (now: string): readonly Column<Credit>[] => usableColumns(now).toSpliced(COMMON.length, 0, STATE)

/** Credits of which nothing but their value is stated. */
export const NO_BALANCE_COLUMNS: readonly Column<Credit>[] = [...COMMON, SHOWN, GRANTED]

function Ends({ credit: { state, startsAt, expiresAt }, now }: { credit: Credit; now: string }) {
  if (state === 'NOT_STARTED' && startsAt) return <span className="whole">starts {day(startsAt)}</span>
  if (!expiresAt) return <span className="unknown">no end stated</span>
  const days = daysLeft(expiresAt, now)
  const isSoon = state === 'ACTIVE' && days <= SOON
  return (
    <span className="badges">
      <span className="whole">{day(expiresAt)}</span> {isSoon && <Badge tone="warn">{days === 1 ? '1 day left' : `${days} days left`}</Badge>}
    </span>
  )
}
