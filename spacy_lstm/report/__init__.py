"""How good is a pipeline, where does it fail, and why?"""

from .report import ComponentReport, Report, make_report, to_json

__all__ = ["ComponentReport", "Report", "make_report", "to_json"]
