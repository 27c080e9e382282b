import { graphql, unmask, type FragmentType } from '../../gql'
import { counted, written } from '../../lib/money'
import { Amount } from '../../ui/Amount'

const LineItemFragment = graphql(`
  fragment LineItem on LineItem {
    id
    description
    category
    product
    region
    quantity {
      amount
      unit
    }
    details {
      ... on FastlyLineItemDetails {
        usageType
      }
    }
    unitPrice {
      amount
      currency
    }
    cost {
      ...Amount
    }
  }
`)

export function LineItem(props: { line: FragmentType<typeof LineItemFragment> }) {
  const { description, category, product, region, quantity, unitPrice, cost, details } = unmask(LineItemFragment, props.line)
  const usageType = 'usageType' in details ? details.usageType : null
  const used = quantity && counted({ amount: quantity.amount, unit: quantity.unit ?? 'units' })
  const priced = unitPrice && `at ${written(unitPrice)}`
  return (
    <li>
      <span>
        <strong>{description ?? product ?? 'Not described'}</strong>
        <small>{[category.toLowerCase(), product !== description && description && product, region, usageType, used, priced].filter(Boolean).join(' · ')}</small>
      </span>
      <Amount money={cost} />
    </li>
  )
}
