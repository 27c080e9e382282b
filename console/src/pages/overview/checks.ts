import type { CheckCode } from '../../gql/graphql'

/** What does not add up, by the check that found it. */
export const CHECKS: Readonly<Record<CheckCode, string>> = {
  LINES_TOTAL: 'The total is not the sum of the line items',
  LINE_PRODUCT: 'A line item is not its unit price times its quantity',
  PRODUCTS_TOTAL: 'The total is not the sum of the products',
  PROJECTS_TOTAL: 'The total is not the sum of the projects',
  PROJECT_USAGE: 'A project is not the sum of its usage',
  PRODUCT_USAGE: 'A product is not the sum of its usage over all projects',
  TIER_PRICE: 'A product is not its tier price times the billed credits',
  GRANT_OVERUSE: 'More of a credit is used than was granted',
  UTILIZATION: 'The used share of a commitment is not between 0 and 1',
  SAVINGS: 'The net savings do not follow from the gross savings',
  CURRENCY: 'A currency is not stated, or is not in ISO 4217',
  PAYMENT_HISTORY: 'The payment states contradict each other',
  LIST_DETAIL: 'The list and the invoice state different amounts',
  LIST_COUNT: 'The list has fewer or more invoices than the provider counts',
  DUPLICATE: 'The invoice is there twice, under two ids',
  SECOND_INVOICE: 'The period has a second invoice',
  MONTH_GAP: 'Months between two invoices have no invoice',
  OVERLAP: 'Two periods overlap',
}
