"""What is measured, beside what: `make help` names them."""

from __future__ import annotations
