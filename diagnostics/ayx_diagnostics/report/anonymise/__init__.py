"""A report that can be shown to anybody: whose it is cannot be told from it, what is wrong can.

Names, addresses and paths become stand-ins (:mod:`ayx_diagnostics.stand_ins`), and of what others wrote, only words
stay that identify nobody. The conclusions are drawn again, from what is left, by the rules that drew them before: so a
sentence cannot hold more than the observations do, and whoever gets the report can judge it again.
"""

from ayx_diagnostics.report.anonymise.report_document import anonymise_report

__all__ = ["anonymise_report"]
