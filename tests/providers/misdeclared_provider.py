"""A provider whose row class names an attribute that does not exist."""

from nimbus_invoices import NimbusLineItem

from providers.rows import columns


class LineItem(NimbusLineItem):
    """Its declaration has a typing error."""

    descripton = columns.text("text")
