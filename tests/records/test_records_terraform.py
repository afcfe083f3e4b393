"""A parser of HCL that is not ours reads our Terraform, and finds in it what the JSON says."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from record_stacks import DERIVED

# In a process of its own: what the parser's libraries warn of is not ours to mend.
READ = """\
import hcl2, json, sys
(found,) = hcl2.loads(sys.stdin.read())["locals"]
print(json.dumps(list(found["mail_records"].values())))
"""


@pytest.mark.parametrize("stack", DERIVED.values(), ids=DERIVED)
def test_terraform_has_the_records_of_the_json(stack, printed):
    text = printed(stack, "--format", "terraform")

    done = subprocess.run(
        [sys.executable, "-c", READ], input=text, capture_output=True, text=True, check=True
    )

    found = [{key: literal(value) for key, value in one.items()} for one in json.loads(done.stdout)]
    assert found == json.loads(printed(stack, "--format", "json"))["records"]


def literal(value: str | int) -> str | int:
    """Return what HCL makes of a value: the parser leaves quotes and escapes of templates to others."""
    if isinstance(value, int):
        return value
    text = json.loads(value)
    assert isinstance(text, str)
    return text.replace("$${", "${").replace("%%{", "%{")
