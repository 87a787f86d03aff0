"""Invoices and credit notes: issued once, numbered without a gap, read as they were issued."""

from orders.invoices.crediting import Credit, ReturnedUnits, Share, split_credit
from orders.invoices.errors import CreditTooLarge, NoLegalEntity
from orders.invoices.issuing import issue_credit_note, issue_invoice
from orders.invoices.reading import find_invoice, list_invoices
from orders.invoices.summary import RateSum, sum_by_rate

__all__ = [
    "Credit",
    "CreditTooLarge",
    "NoLegalEntity",
    "RateSum",
    "ReturnedUnits",
    "Share",
    "find_invoice",
    "issue_credit_note",
    "issue_invoice",
    "list_invoices",
    "split_credit",
    "sum_by_rate",
]
