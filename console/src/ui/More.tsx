import { failures } from '../graph/failures'
import type { useMore } from '../graph/useMore'
import { Problem } from './Problem'

interface Props {
  pages: ReturnType<typeof useMore>
  hasMore: boolean | undefined
  what: string // plural, such as "credits"
}

/** The end of a list that has more pages: a button for the next one, and its failure. */
export function More({ pages: { more, error, busy }, hasMore, what }: Props) {
  if (error && !busy) return <Problem title={`The next ${what} could not be loaded.`} causes={failures(error)} retry={more} />
  if (!hasMore) return null
  return (
    <div className="rest">
      <button type="button" onClick={more} disabled={busy}>
        {busy ? 'Loading more' : `Show more ${what}`}
      </button>
    </div>
  )
}
