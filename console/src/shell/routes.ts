import { BadgePercent, Boxes, ChartColumn, FileText, LayoutDashboard, type LucideIcon, Users } from 'lucide-react'
import { type ComponentType, lazy } from 'react'

interface Route {
  readonly name: string // the last segment of its address; empty for the overview
  readonly page: ComponentType
  readonly usesPeriod: boolean // whether the page shows the period of the address
  readonly entry?: { readonly text: string; readonly icon: LucideIcon } // in the navigation
  readonly below?: string // the entry of the navigation that a page without one belongs to
}

export const ROUTES: readonly Route[] = [
  {
    name: '',
    page: lazy(() => import('../pages/overview/OverviewPage')),
    usesPeriod: true,
    entry: { text: 'Overview', icon: LayoutDashboard },
  },
  {
    name: 'invoices',
    page: lazy(() => import('../pages/invoices/InvoicesPage')),
    usesPeriod: true,
    entry: { text: 'Invoices', icon: FileText },
  },
  { name: 'invoice', page: lazy(() => import('../pages/invoice/InvoicePage')), usesPeriod: false, below: 'invoices' },
  {
    name: 'spend',
    page: lazy(() => import('../pages/spend/SpendPage')),
    usesPeriod: true,
    entry: { text: 'Spend', icon: ChartColumn },
  },
  {
    name: 'credits',
    page: lazy(() => import('../pages/credits/CreditsPage')),
    usesPeriod: false,
    entry: { text: 'Credits', icon: BadgePercent },
  },
  {
    name: 'projects',
    page: lazy(() => import('../pages/projects/ProjectsPage')),
    usesPeriod: true,
    entry: { text: 'Projects', icon: Boxes },
  },
  { name: 'project', page: lazy(() => import('../pages/project/ProjectPage')), usesPeriod: true, below: 'projects' },
  {
    name: 'accounts',
    page: lazy(() => import('../pages/accounts/AccountsPage')),
    usesPeriod: false,
    entry: { text: 'Accounts', icon: Users },
  },
]
