import { useMemo } from 'react'
import { graphql } from '../../gql'
import { providersOf, useAccounts } from '../../graph/accounts'
import { type Coverage, isLacking, type MaskedCoverage, readCoverage } from '../../graph/coverage'
import { usePerAccount } from '../../graph/perAccount'
import { combinedRows, type SpendRow } from '../../graph/spend'
import { useParams } from '../../lib/address'
import { type Period, periodFilter } from '../../lib/period'
import { type Grouping, keysOf } from './keys'

const SpendQuery = graphql(`
  query SpendBy($keys: [SpendKey!]!, $filterBy: InvoiceFilter!) {
    spend(groupBy: $keys, filterBy: $filterBy) {
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
  }
`)

/** The spend of the accounts that the address names, by the keys of a grouping: one answer for each account, added. */
export function useSpend(grouping: Grouping, period: Period) {
  const known = useAccounts()
  const params = useParams()
  const [providers, chosen] = [params.getAll('providers'), params.getAll('accounts')]
  const accounts = known.accounts.filter(({ id, provider }) => isIn(chosen, id) && isIn(providers, provider.id))
  const keys = keysOf(grouping)
  const { answers, outdated, again } = usePerAccount(SpendQuery, accounts.map(({ id }) => id), (ids) => ({
    keys,
    filterBy: { accounts: ids, ...periodFilter(period) },
  }))
  return useMemo(() => {
    const found = answers.flatMap(({ data }) => data?.spend ?? [])
    const shown = (answers[0]?.variables.keys ?? keys) as typeof keys // those of the rows, also while they are outdated
    const failed = answers.filter(({ data, error, loading }) => !data && error && !loading)
    const coverage = found.flatMap((spend): MaskedCoverage => spend.coverage)
    const rows = combinedRows(found.map((spend) => spend.rows), shown)
    return {
      accounts,
      providers: providersOf(known.accounts),
      keys: shown,
      rows,
      namedRows: withDistinctNames(rows),
      totals: combinedRows(found.map(({ totals }) => totals), []),
      coverage,
      isIncomplete: failed.length > 0 || readCoverage(coverage).some((entry: Coverage) => isLacking(entry) && entry.status !== 'STALE'),
      awaited: accounts.filter(({ id }) => answers.some((answer) => !answer.data && answer.loading && answer.accounts.includes(id))),
      errors: [known.error, ...failed.map(({ error }) => error)].flatMap((error) => error ?? []),
      hasAnswer: found.length > 0,
      isStarting: known.loading && known.accounts.length === 0,
      outdated,
      again: () => (known.accounts.length ? again() : known.again()),
    }
  }, [answers, known.accounts, known.error, known.loading, outdated])
}

export type SpendFound = ReturnType<typeof useSpend>

const isIn = (chosen: readonly string[], id: string) => chosen.length === 0 || chosen.includes(id)

/** The same rows; a project with the name of another one has the name of its account as well. */
function withDistinctNames(rows: readonly SpendRow[]): SpendRow[] {
  const ids = Map.groupBy(new Map(rows.flatMap(({ project }) => (project ? [[project.id, project.name]] : []))), ([, name]) => name)
  return rows.map((row) => {
    const { project } = row
    if (!project || (ids.get(project.name)?.length ?? 0) < 2) return row
    return { ...row, project: { ...project, name: `${project.name ?? project.id} (${project.account.name})` } }
  })
}
