import { graphql, unmask, type FragmentType } from '../../gql'
import { counted } from '../../lib/money'
import { day, moment, monthName, monthOf } from '../../lib/time'
import { Amount } from '../../ui/Amount'
import { Section } from '../../ui/Section'
import { Fact, Facts } from '../../ui/Stat'
import { PaletteProducts } from './PaletteProducts'

const FactsFragment = graphql(`
  fragment InvoiceFacts on Invoice {
    provider {
      id
      name
    }
    details {
      __typename
      ... on FastlyInvoiceDetails {
        customer
        statementNumber
        postedOn
      }
      ... on ArcheraInvoiceDetails {
        totalCloudBill {
          ...Amount
        }
        invoiceDate
      }
      ... on SpectroCloudInvoiceDetails {
        name
        environment
        plan
        createdAt
        changedAt
        month
        stripeInvoice
        address {
          line1
          line2
          city
          state
          postalCode
          country
        }
        freeCredits {
          product
          credits
        }
        products {
          ...PaletteProduct
        }
      }
    }
  }
`)

/** What only this provider states about its invoices. */
export function ProviderFacts(props: { invoice: FragmentType<typeof FactsFragment> }) {
  const { provider, details } = unmask(FactsFragment, props.invoice)
  return (
    <Section title={`Only from ${provider.name}`}>
      {details.__typename === 'FastlyInvoiceDetails' && (
        <Facts>
          <Fact name="Customer">{details.customer}</Fact>
          <Fact name="Statement number">{details.statementNumber}</Fact>
          <Fact name="Posted on">{details.postedOn && day(details.postedOn)}</Fact>
        </Facts>
      )}
      {details.__typename === 'ArcheraInvoiceDetails' && (
        <>
          <Facts>
            <Fact name="Bill of all clouds">
              <Amount money={details.totalCloudBill} />
            </Fact>
            <Fact name="Billed month">{details.invoiceDate && monthName(monthOf(details.invoiceDate))}</Fact>
          </Facts>
          <p className="note">The bill of all clouds is what they cost before credits and discounts. Archera does not charge it.</p>
        </>
      )}
      {details.__typename === 'SpectroCloudInvoiceDetails' && (
        <>
          <Facts>
            <Fact name="Name">{details.name}</Fact>
            <Fact name="Environment">{details.environment}</Fact>
            <Fact name="Plan">{details.plan}</Fact>
            <Fact name="Created">{details.createdAt && moment(details.createdAt)}</Fact>
            <Fact name="Changed">{details.changedAt && moment(details.changedAt)}</Fact>
            <Fact name="Address">{details.address && addressText(details.address)}</Fact>
            <Fact name="Invoice at Stripe">{details.stripeInvoice}</Fact>
            <Fact name="Free credits">
              {details.freeCredits?.map(({ product, credits }) => `${product} ${counted({ amount: credits })}`).join(', ')}
            </Fact>
          </Facts>
          {details.products.length > 0 && <PaletteProducts products={details.products} />}
        </>
      )}
    </Section>
  )
}

type Address = Readonly<Partial<Record<'line1' | 'line2' | 'city' | 'state' | 'postalCode' | 'country', string | null>>>

const addressText = ({ line1, line2, city, state, postalCode, country }: Address) =>
  [line1, line2, city, [state, postalCode].filter(Boolean).join(' '), country].filter(Boolean).join(', ')
