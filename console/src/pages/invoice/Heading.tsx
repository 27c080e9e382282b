import { useReactiveVar } from '@apollo/client/react'
import { graphql, unmask, type FragmentType } from '../../gql'
import { lastSaid } from '../../graph/answers'
import { day, moment, periodName } from '../../lib/time'
import { Amount } from '../../ui/Amount'
import { Notice } from '../../ui/Notice'
import { PaymentBadge } from '../../ui/PaymentBadge'
import { Section } from '../../ui/Section'
import { Simulated } from '../../ui/Simulated'
import { Fact, Facts } from '../../ui/Stat'

const TitleFragment = graphql(`
  fragment InvoiceTitle on Invoice {
    period {
      start
      end
    }
    provider {
      id
      name
    }
  }
`)

/** Such as "Fastly, October 2026". */
export function titleOf(invoice: FragmentType<typeof TitleFragment>): string {
  const { provider, period } = unmask(TitleFragment, invoice)
  return `${provider.name}, ${periodName(period)}`
}

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
  const { account, provider, period, details, issuedAt, observedAt, restatedAt, stale } = invoice
  const said = useReactiveVar(lastSaid).get(account.id)
  const isBehind = stale || said?.status === 'STALE' || said?.status === 'MISSING'
  return (
    <Section title="Invoice">
      <p>
        {account.name} <Simulated account={account} />
      </p>
      <p className="invoice-sum">
        <Amount money={invoice.total} /> <PaymentBadge invoice={invoice} />
      </p>
      {isBehind && (
        <Notice tone="warn" title={`${provider.name} could not be read.`}>
          <p>
            This data is from {moment(observedAt)}. {said?.code && <code>{said.code}</code>}
          </p>
        </Notice>
      )}
      <Facts>
        <Fact name="Period">{periodName(period)}</Fact>
        <Fact name="Number">{invoice.number}</Fact>
        <Fact name="Reference">{details.reference}</Fact>
        <Fact name="Issued">{issuedAt && day(issuedAt)}</Fact>
        <Fact name="Read">{moment(observedAt)}</Fact>
        {restatedAt && <Fact name="Restated">{moment(restatedAt)}</Fact>}
      </Facts>
    </Section>
  )
}
