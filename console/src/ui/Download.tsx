import { Download as Icon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { fetchWithCredential } from '../graph/credential'
import type { Failure } from '../graph/failures'
import { Problem } from './Problem'

/** A button that saves a file of the service, such as `export/invoices.csv?currency=USD`, with the reader's key. */
export function Download({ href, children }: { href: string; children: string }) {
  const [state, setState] = useState<'idle' | 'busy' | Failure[]>('idle')
  useEffect(() => {
    setState('idle') // another file is offered: the failure was that of the earlier one
  }, [href])
  const start = async () => {
    setState('busy')
    setState(await save(href).catch(() => [{ message: 'The service could not be reached.', code: undefined }]))
  }
  return (
    <>
      <button type="button" className="download" disabled={state === 'busy'} onClick={() => void start()}>
        <Icon className="icon" aria-hidden="true" /> {state === 'busy' ? 'Preparing the file' : children}
      </button>
      {Array.isArray(state) && <Problem title="The file could not be made." locked="You are not allowed to export files." causes={state} retry={() => void start()} />}
    </>
  )
}

async function save(href: string): Promise<'idle' | Failure[]> {
  const response = await fetchWithCredential(href)
  if (!response.ok) return failuresIn(response)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = fileName(response.headers.get('Content-Disposition')) ?? href.replace(/\?.*|.*\//g, '')
  link.click()
  URL.revokeObjectURL(link.href)
  return 'idle'
}

const fileName = (disposition: string | null) => disposition?.match(/filename="?([^";]+)/)?.[1]

interface Payload {
  errors?: { message: string; extensions?: { code?: string } }[]
}

/** The failures that the service states. A proxy in front of it may answer in another form. */
async function failuresIn(response: Response): Promise<Failure[]> {
  const payload: Payload = await response.json().catch(() => ({}))
  const stated = payload.errors?.map(({ message, extensions }) => ({ message, code: extensions?.code }))
  return stated ?? [{ message: `The service answered with the status ${response.status}.`, code: undefined }]
}
