import { graphql } from '../gql'

/** The first request for each account, and its next pages. A provider is asked for nothing that its list does not contain. */
export const InvoicesQuery = graphql(`
  query Invoices($first: Int!, $after: String, $filterBy: InvoiceFilter, $orderBy: InvoiceOrder!) {
    invoices(first: $first, after: $after, filterBy: $filterBy, orderBy: $orderBy) {
      edges {
        cursor
        node {
          id
          period {
            start
          }
          total {
            currency
          }
          ...InvoiceRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      coverage {
        ...Coverage
      }
    }
  }
`)

/** What a provider without totals costs more: for Archera a call for each invoice. */
export const LinesTotalsQuery = graphql(`
  query LinesTotals($first: Int!, $after: String, $filterBy: InvoiceFilter, $orderBy: InvoiceOrder!) {
    invoices(first: $first, after: $after, filterBy: $filterBy, orderBy: $orderBy) {
      edges {
        node {
          id
          linesTotal {
            sum {
              ...Amount
            }
            lines
            unpriced
          }
        }
      }
    }
  }
`)

/** Over all accounts and pages. */
export const InvoiceTotalsQuery = graphql(`
  query InvoiceTotals($filterBy: InvoiceFilter) {
    invoices(first: 0, filterBy: $filterBy) {
      totals {
        sums {
          ...Amount
        }
        invoices
        withoutTotal
      }
    }
  }
`)

export const CurrenciesQuery = graphql(`
  query Currencies {
    spend(groupBy: [], breakdown: TOTALS) {
      totals {
        currency
      }
    }
  }
`)
