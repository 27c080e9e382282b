import { graphql } from '../../gql'
import type { InvoiceLineFragment } from '../../gql/graphql'

export const LineFragment = graphql(`
  fragment InvoiceLine on LineItem {
    id
    description
    category
    product
    productGroup
    region
    quantity {
      amount
      unit
    }
    unitPrice {
      ...Amount
    }
    cost {
      ...Amount
    }
    details {
      __typename
      reference
      ... on FastlyLineItemDetails {
        couponCode
        usageType
      }
      ... on SpectroCloudLineItemDetails {
        tier
        usedCredits
      }
      ... on ArcheraLineItemDetails {
        commitment
        utilization
        contractTerm
        premium {
          ...Amount
        }
        rebate {
          ...Amount
        }
        netSavings {
          ...Amount
        }
        grossSavings {
          ...Amount
        }
      }
    }
  }
`)

export type Line = InvoiceLineFragment

/** What a line is about, in the provider's words. Archera's lines have none: then it is the commitment. */
export function nameOfLine({ description, product, details }: Line): string {
  const commitment = details.__typename === 'ArcheraLineItemDetails' ? details.commitment : null
  return description ?? product ?? commitment ?? details.reference ?? 'Not described'
}
