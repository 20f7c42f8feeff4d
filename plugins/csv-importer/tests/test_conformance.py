"""The plugin's conformance suite."""

from __future__ import annotations

from arrears_csv_importer import CsvImporter
from arrears_sdk.testing import conformance
from arrears_sdk.testing.samples import ImportSample

SAMPLE = ImportSample(
    mapping={
        "debtor": {"reference": "customer", "name": "name"},
        "account": {
            "reference": "number",
            "product": {"constant": "LOAN"},
            "purpose": {"constant": "CONSUMER"},
            "opened_on": "from",
            "due_on": "due",
        },
        "opening": {"principal": "amount"},
    },
    head=b"number,customer,name,from,due,amount\n",
    row=lambda number: f'A-{number},C-{number % 7},"Person {number}",2026-01-01,2026-01-31,{number}.50\n'.encode(),
    bad_row=b"A-9,too,few\n",
)
TestCsvImporter = conformance(CsvImporter, import_sample=SAMPLE)
