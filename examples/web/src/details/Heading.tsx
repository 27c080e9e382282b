import { useReactiveVar } from '@apollo/client/react'
import type { ReactNode } from 'react'
import { graphql, unmask, type FragmentType } from '../gql'
import { lastSaid } from '../graph/answers'
import { day, moment, periodName } from '../lib/time'
import { Amount } from '../ui/Amount'
import { Payment } from '../ui/Payment'
import { Simulated } from '../ui/Simulated'

const HeadingFragment = graphql(`
  fragment Heading on Invoice {
    id
    number
    issuedAt
    observedAt
    restatedAt
    stale
    period {
      start
      end
    }
    account {
      id
      name
      sandbox
    }
    provider {
      id
      name
    }
    total {
      ...Amount
    }
    details {
      reference
    }
    ...Payment
  }
`)

export function Heading(props: { invoice: FragmentType<typeof HeadingFragment> }) {
  const invoice = unmask(HeadingFragment, props.invoice)
  const { account, provider, details, issuedAt, observedAt, restatedAt, stale } = invoice
  const said = useReactiveVar(lastSaid).get(account.id)
  const isBehind = stale || said?.status === 'STALE' || said?.status === 'MISSING'
  return (
    <header>
      <p>
        {provider.name} · {account.name} <Simulated account={account} />
      </p>
      <h2 id="details-heading">{periodName(invoice.period)}</h2>
      <p className="sum">
        <Amount money={invoice.total} /> <Payment invoice={invoice} />
      </p>
      {isBehind && (
        <p className="note warn">
          {provider.name} could not be read{said?.code && <> <code>{said.code}</code></>}: this data is from {moment(observedAt)}.
        </p>
      )}
      <dl className="facts">
        <Fact name="Number">{invoice.number}</Fact>
        <Fact name="Reference">{details.reference}</Fact>
        <Fact name="Issued">{issuedAt && day(issuedAt)}</Fact>
        <Fact name="Read">{moment(observedAt)}</Fact>
        {restatedAt && <Fact name="Restated">{moment(restatedAt)}</Fact>}
      </dl>
    </header>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children ?? <span className="unknown">not stated</span>}</dd>
  </div>
)
