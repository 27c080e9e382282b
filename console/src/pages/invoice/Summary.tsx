import { useReactiveVar } from '@apollo/client/react'
import { graphql, unmask, type FragmentType } from '../../gql'
import { lastSaid } from '../../graph/answers'
import { day, moment, periodName } from '../../lib/time'
import { Badge } from '../../ui/Badge'
import { Link } from '../../ui/Link'
import { hrefOf } from '../../lib/address'
import { Notice } from '../../ui/Notice'
import { Section } from '../../ui/Section'
import { Simulated } from '../../ui/Simulated'
import { Fact, Facts } from '../../ui/Stat'
import { Figures } from './Figures'
import type { Contents } from './useContents'

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

const SummaryFragment = graphql(`
  fragment InvoiceSummary on Invoice {
    id
    number
    status
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
    details {
      reference
    }
    ...InvoiceFigures
  }
`)

const STATUSES = { ISSUED: 'Issued', OPEN: 'Running: it changes until the provider posts it' }

interface Props {
  invoice: FragmentType<typeof SummaryFragment>
  contents: Contents
}

/** The figures of the invoice, what is special about it, and its facts. */
export function Summary(props: Props) {
  const invoice = unmask(SummaryFragment, props.invoice)
  const { account, provider, period, details, status, issuedAt, observedAt, restatedAt, stale } = invoice
  const said = useReactiveVar(lastSaid).get(account.id)
  const isBehind = stale || said?.status === 'STALE' || said?.status === 'MISSING'
  return (
    <>
      {isBehind && (
        <Notice tone="warn" title={`${provider.name} could not be read.`}>
          <p>
            This data is from {moment(observedAt)}. {said?.code && <code>{said.code}</code>}
          </p>
        </Notice>
      )}
      {restatedAt && (
        <Notice title="This invoice was restated.">
          <p>Something other than its payment changed after it was issued. The service noticed it on {moment(restatedAt)}.</p>
        </Notice>
      )}
      <Figures invoice={invoice} contents={props.contents} />
      <Section title="Invoice">
        <Facts>
          <Fact name="Account">
            <Link href={hrefOf('invoices', { accounts: account.id })}>{account.name}</Link> <Simulated account={account} />
          </Fact>
          <Fact name="Provider">{provider.name}</Fact>
          <Fact name="Period">{periodName(period)}</Fact>
          <Fact name="Number">{invoice.number}</Fact>
          <Fact name="Reference">{details.reference}</Fact>
          <Fact name="Status">
            <span className="badges">
              {status ? STATUSES[status] : <span className="unknown">not known</span>}
              {restatedAt && <Badge tone="info">restated</Badge>}
              {stale && <Badge tone="warn">out of date</Badge>}
            </span>
          </Fact>
          <Fact name="Issued">{issuedAt && day(issuedAt)}</Fact>
          <Fact name="Read from the provider">{moment(observedAt)}</Fact>
        </Facts>
      </Section>
    </>
  )
}
