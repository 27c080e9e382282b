import { useEffect, useRef } from 'react'
import { failures } from '../graph/failures'
import { Problem } from '../ui/Problem'
import type { InvoiceList } from './useInvoices'

const AHEAD = '600px' // the next page is asked for before its place comes into view

/** What follows the rows: the next page when it comes near, a button for it, or the end. */
export function Rest({ invoices }: { invoices: InvoiceList }) {
  const { list, pageError, isReadingMore, isOutdated, more } = invoices
  const place = useRef<HTMLDivElement>(null)
  const pages = list?.edges.length
  const hasMore = list?.pageInfo.hasNextPage && !isOutdated
  const automatic = hasMore && !pageError

  useEffect(() => {
    if (!automatic || !place.current) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && void more(), { rootMargin: AHEAD })
    observer.observe(place.current)
    return () => observer.disconnect()
    // Observed anew after each page: a place that stays in view is no new event.
  }, [automatic, pages, isReadingMore])

  return (
    <div ref={place} className="rest">
      {pageError && <Problem title="The next invoices could not be read." causes={failures(pageError)} retry={more} />}
      {automatic && (
        <button type="button" onClick={more} disabled={isReadingMore}>
          {isReadingMore ? 'Reading more' : 'Show more'}
        </button>
      )}
      {list && !hasMore && !isOutdated && <p>That is all.</p>}
    </div>
  )
}
