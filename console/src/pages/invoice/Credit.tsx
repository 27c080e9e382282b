import { graphql, unmask, type FragmentType } from '../../gql'
import { counted, written } from '../../lib/money'
import { day } from '../../lib/time'

const CreditFragment = graphql(`
  fragment Credit on Credit {
    id
    kind
    product
    description
    expiresAt
    value {
      ...Worth
    }
    used {
      ...Worth
    }
  }
`)

// Money or a quantity. Never add the two.
const WorthFragment = graphql(`
  fragment Worth on CreditValue {
    ... on Money {
      amount
      currency
    }
    ... on Quantity {
      amount
      unit
    }
  }
`)

const KINDS = { FREE: 'Free use', SLA: 'Service level', COUPON: 'Coupon', REBATE: 'Rebate' }

export function Credit(props: { credit: FragmentType<typeof CreditFragment> }) {
  const { kind, product, description, expiresAt, value, used } = unmask(CreditFragment, props.credit)
  return (
    <li>
      <span>
        <strong>{KINDS[kind]}</strong>
        <small>
          {[description, product && `for ${product}`, expiresAt && `until ${day(expiresAt)}`].filter(Boolean).join(' · ')}
        </small>
      </span>
      <span className="amount">
        <Worth worth={value} />
        {used && <small> (<Worth worth={used} /> used)</small>}
      </span>
    </li>
  )
}

function Worth(props: { worth: FragmentType<typeof WorthFragment> | null | undefined }) {
  const worth = unmask(WorthFragment, props.worth)
  if (!worth) return <span className="unknown">not stated</span>
  return 'currency' in worth ? written(worth) : counted(worth)
}
