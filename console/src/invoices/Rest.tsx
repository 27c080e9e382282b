import { useEffect, useRef } from 'react'
import { failures } from '../graph/failures'
import { Problem } from '../ui/Problem'
import type { InvoiceList } from './useInvoices'

const AHEAD = '600px' // the next rows are added this far before their place becomes visible

/** The end of the list: adds the next rows when it comes near, shows a button for them, or the end of the list. */
export function Rest({ invoices }: { invoices: InvoiceList }) {
  const { edges, readings, isWhole, isOutdated, isReading, isReadingMore, more, moreAgain, nameOf } = invoices
  const place = useRef<HTMLDivElement>(null)
  const failed = readings.filter(({ pageError }) => pageError)
  const automatic = !isWhole && !isOutdated && failed.length === 0

  useEffect(() => {
    // While accounts are still being read, the end of the list is not yet where it will be. The button works.
    if (!automatic || isReading || isReadingMore || !place.current) return
    const observer = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && more(), { rootMargin: AHEAD })
    observer.observe(place.current)
    return () => observer.disconnect()
    // Observe again after each page: an element that stays visible causes no new event.
  }, [automatic, edges.length, isReading, isReadingMore])

  return (
    <div ref={place} className="rest">
      {failed.length > 0 && (
        <Problem
          title={`The next invoices could not be loaded: ${failed.map(({ account }) => nameOf(account)).join(', ')}.`}
          causes={failed.flatMap(({ pageError }) => failures(pageError)).filter(isFirst)}
          retry={moreAgain}
        />
      )}
      {automatic && (
        <button type="button" onClick={more} disabled={isReadingMore}>
          {isReadingMore ? 'Loading more' : 'Show more'}
        </button>
      )}
      {isWhole && !isReading && <p>End of the list.</p>}
    </div>
  )
}

const isFirst = ({ message }: { message: string }, place: number, all: readonly { message: string }[]) =>
  all.findIndex((one) => one.message === message) === place
