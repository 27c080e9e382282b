import { useMemo } from 'react'
import { graphql } from '../../gql'
import type { OverviewQuery as Found } from '../../gql/graphql'
import { useAccounts, type KnownAccount } from '../../graph/accounts'
import { type Answer, usePerAccount } from '../../graph/perAccount'
import { type Period, periodFilter } from '../../lib/period'
import { firstOf, lastOf, monthOf, shifted } from '../../lib/time'

const OverviewQuery = graphql(`
  query Overview(
    $accounts: [ID!]!
    $spent: InvoiceFilter!
    $compared: InvoiceFilter!
    $unsettled: InvoiceFilter!
    $overdue: InvoiceFilter!
    $notOverdue: InvoiceFilter!
    $credits: CreditFilter!
  ) {
    spend(groupBy: [MONTH, PROVIDER], filterBy: $spent) {
      rows {
        ...SpendLine
      }
      totals {
        ...SpendLine
      }
      coverage {
        ...Coverage
      }
    }
    compared: spend(groupBy: [MONTH, ACCOUNT], filterBy: $compared) {
      rows {
        ...SpendLine
      }
      coverage {
        ...Coverage
      }
    }
    monthToDate(accounts: $accounts) {
      nodes {
        id
        account {
          id
          name
        }
        period {
          start
          end
        }
        total {
          amount
          currency
        }
      }
      coverage {
        ...Coverage
      }
    }
    unsettled: invoices(first: 0, filterBy: $unsettled) {
      totals {
        ...Totals
      }
      coverage {
        ...Coverage
      }
    }
    overdue: invoices(first: 0, filterBy: $overdue) {
      totals {
        ...Totals
      }
      coverage {
        ...Coverage
      }
    }
    notOverdue: invoices(first: 0, filterBy: $notOverdue) {
      totals {
        ...Totals
      }
    }
    credits(first: 200, filterBy: $credits) {
      edges {
        cursor
        node {
          id
          product
          description
          expiresAt
          remaining {
            ...Left
          }
        }
      }
      totalCount
      coverage {
        ...Coverage
      }
    }
    discrepancies(first: 50, filterBy: $spent) {
      edges {
        cursor
        node {
          ...Discrepant
        }
      }
      totalCount
      coverage {
        ...Coverage
      }
    }
  }
`)

export const TotalsFragment = graphql(`
  fragment Totals on InvoiceTotals {
    sums {
      amount
      currency
    }
    invoices
    withoutTotal
  }
`)

export type Part = Found // what the answer for some of the accounts says

export const UNSETTLED = ['PENDING', 'IN_PROGRESS', 'FAILED', 'UNRECOGNIZED'] as const

/** The figures of the overview: one answer for each account, and what they have in common. */
export function useOverview(period: Period) {
  const known = useAccounts()
  const today = new Date().toISOString().slice(0, 10)
  const month = shifted(monthOf(today), -1) // the last whole month
  const ids = known.accounts.map(({ id }) => id)
  const { answers, outdated, again } = usePerAccount(OverviewQuery, ids, (accounts) => variablesFor(accounts, period, today, month))
  return useMemo(() => {
    const reload = () => (known.accounts.length ? again() : known.again())
    return { ...summary(answers, known.accounts), today, month, outdated, again: reload, error: known.error, isStarting: known.loading }
  }, [answers, known.accounts, known.error, known.loading, today, outdated])
}

export type Overview = ReturnType<typeof useOverview>

function variablesFor(accounts: string[], period: Period, today: string, month: string) {
  return {
    accounts,
    spent: { accounts, ...periodFilter(period) },
    compared: { accounts, periodFrom: firstOf(shifted(month, -1)), periodTo: lastOf(month) },
    unsettled: { accounts, paymentStatus: [...UNSETTLED] },
    overdue: { accounts, paymentStatus: [...UNSETTLED], overdue: true },
    notOverdue: { accounts, paymentStatus: [...UNSETTLED], overdue: false },
    credits: { accounts, states: ['ACTIVE' as const], asOf: `${today}T00:00:00Z` },
  }
}

function summary(answers: readonly Answer<Part>[], accounts: readonly KnownAccount[]) {
  const among = (some: readonly Answer<Part>[]) => accounts.filter(({ id }) => some.some((answer) => answer.accounts.includes(id)))
  const failed = answers.filter(({ data, error, loading }) => !data && error && !loading)
  return {
    accounts,
    parts: answers.flatMap(({ data }) => data ?? []),
    awaited: among(answers.filter(({ data, loading }) => !data && loading)), // accounts that are still read
    failed: among(failed), // accounts of which the request failed as a whole
    failures: failed.flatMap(({ error }) => error ?? []),
    isReloading: answers.some(({ data, loading }) => data && loading),
  }
}
