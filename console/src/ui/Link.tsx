import type { AnchorHTMLAttributes, MouseEvent } from 'react'
import { go } from '../lib/address'

type Props = AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }

/** A link to a page of this site, by a relative address. The browser opens it itself in a new tab or window. */
export function Link({ href, onClick, ...rest }: Props) {
  const open = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (event.defaultPrevented || !isPlain) return
    event.preventDefault()
    go(href)
  }
  return <a {...rest} href={href} onClick={open} />
}
