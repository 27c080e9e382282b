import { useEffect, useRef } from 'react'
import { failures } from '../graph/failures'
import { Problem } from '../ui/Problem'
import type { InvoiceList } from './useInvoices'

const AHEAD = '600px' // the next page loads this far before its place becomes visible

/** The end of the list: loads the next page when it comes near, shows a button for it, or the end of the list. */
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
    // Observe again after each page: an element that stays visible causes no new event.
  }, [automatic, pages, isReadingMore])

  return (
    <div ref={place} className="rest">
      {pageError && <Problem title="The next invoices could not be loaded." causes={failures(pageError)} retry={more} />}
      {automatic && (
        <button type="button" onClick={more} disabled={isReadingMore}>
          {isReadingMore ? 'Loading more' : 'Show more'}
        </button>
      )}
      {list && !hasMore && !isOutdated && <p>End of the list.</p>}
    </div>
  )
}
