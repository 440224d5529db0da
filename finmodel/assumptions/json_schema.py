"""JSON Schemas of the book's files, from the forms that read them: editors complete and check what a person types.

They are looser than `finmodel check`, never stricter: what the forms accept, the schemas accept. Draft 7, which every
editor reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from finmodel.assumptions.bound import allowed
from finmodel.assumptions.figure import Change, Correlation, Figure
from finmodel.assumptions.finding import COMPONENTS
from finmodel.assumptions.forms import Form
from finmodel.assumptions.schema import (
    MEMBER,
    CaseFile,
    Composed,
    FinanceFile,
    RegionFile,
    ScenarioFile,
    Source,
    Structure,
)
from finmodel.assumptions.tree import DATE
from finmodel.assumptions.volumes import Volumes
from finmodel.graph.line import Input
from finmodel.graph.model import Model
from finmodel.graph.units import CURRENCIES

DIALECT = "http://json-schema.org/draft-07/schema#"
ANY = f"\\.{MEMBER.pattern}"
"""What follows an input's name, once for each of its cohorts."""

Json = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Dates have a pattern, since editors do not check formats; titles that only repeat a key are left out."""

    def date_schema(self, schema: Any) -> Json:
        return super().date_schema(schema) | {"pattern": f"^{DATE.pattern}$"}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schemas(model: Model, volumes: Volumes) -> dict[str, str]:
    """The text of each schema by the name of its file.

    Parameters
    ----------
    model
        Whose inputs the figures are for.
    volumes
        Whose sources and files an editor proposes; others are accepted too.
    """
    parts = _parts(model, volumes)
    figures = _figures(model, "Figure", "Figure")
    changes = _figures(model, "Entry", "Change", everywhere=True)
    case, region = _composed(CaseFile, figures), _composed(RegionFile, figures)
    case["properties"] |= {
        "structure": {"$ref": "#/$defs/Structure"},
        "correlations": {"type": "array", "items": {"$ref": "#/$defs/Correlation"}},
        "scenarios": {"type": "array", "items": _proposed(["base", *volumes.names("scenarios")])},
        "scenario_figures": case["properties"]["scenario_figures"]
        | {"additionalProperties": _figures(model, "EntryOrNone", "ChangeOrNone", everywhere=True)},
    }
    region["properties"]["currency"] = {"enum": list(CURRENCIES), "description": "ISO code."}
    scenario = _of(ScenarioFile)
    scenario["properties"]["figures"] = changes
    files = {
        "case": _extending(case, volumes.names(*COMPONENTS, "cases")),
        "component": _extending(_composed(FinanceFile, figures), volumes.names("platforms", "facilities", "finance")),
        "region": _extending(region, volumes.names("regions")),
        "scenario": scenario,
        "sources": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Source"}},
    }
    whole = {name: {"$schema": DIALECT, **schema, "$defs": parts} for name, schema in files.items()}
    return {
        f"{name}.schema.json": json.dumps(schema, indent=1, sort_keys=False) + "\n" for name, schema in whole.items()
    }


def _parts(model: Model, volumes: Volumes) -> Json:
    """Forms that the files are made of, by name."""
    parts: Json = {}
    for form in (Figure, Change, Correlation, Structure, Source):
        schema = _of(form)
        parts |= schema.pop("$defs", {})
        parts[form.__name__] = schema
    for name in ("Figure", "Change", "Correlation"):
        source = parts[name]["properties"]["source"]
        source["anyOf"] = [{"enum": sorted(volumes.sources)}, *source["anyOf"]]
    parts["Correlation"]["properties"]["between"] = {
        "type": "array",
        "items": _proposed(model.inputs),
        "minItems": 2,
        "maxItems": 2,
        "description": Correlation.model_fields["between"].description,
    }
    parts["Entry"] = {"anyOf": [{"$ref": "#/$defs/Figure"}, {"$ref": "#/$defs/Change"}]}
    for name in ("Entry", "Change"):
        parts[f"{name}OrNone"] = {"anyOf": [{"$ref": f"#/$defs/{name}"}, {"type": "null"}]}
    return parts


def _of(form: type[Form]) -> Json:
    schema: Json = _without_null_defaults(form.model_json_schema(schema_generator=_Generator))
    schema.pop("title", None)
    return schema


def _without_null_defaults(schema: Any) -> Any:
    """The schema without `default: null`, which an editor would propose and the forms refuse."""
    if isinstance(schema, dict):
        return {
            key: _without_null_defaults(value)
            for key, value in schema.items()
            if not (key == "default" and value is None)
        }
    return [_without_null_defaults(member) for member in schema] if isinstance(schema, list) else schema


def _composed(form: type[Composed], figures: Json) -> Json:
    schema = _of(form)
    schema["properties"]["figures"] = figures | {"description": schema["properties"]["figures"]["description"]}
    return schema


def _extending(schema: Json, names: list[str]) -> Json:
    schema["properties"]["extends"]["items"] = _proposed(names)
    return schema


def _proposed(names: Iterable[str]) -> Json:
    """Text, for which an editor proposes names."""
    return {"anyOf": [{"enum": list(names)}, {"type": "string"}]}


def _figures(model: Model, part: str, shared: str, *, everywhere: bool = False) -> Json:
    """A schema of figures by input; another case may have members where this model's cohort has none.

    Parameters
    ----------
    part
        What stands under an input's full name.
    shared
        What stands under the name of an input without its cohorts, where that is accepted `everywhere`.
    """
    properties: Json = {}
    patterns: Json = {}
    for name, declared in (*model.inputs.items(), *model.idle_inputs.items()):
        stem = name.partition(".")[0]
        if name in model.inputs:
            properties[name] = _entry(declared, part)
        if declared.dimensions:
            patterns[f"^{re.escape(stem)}{ANY * len(declared.dimensions)}$"] = _entry(declared, part)
            if everywhere:
                properties[stem] = _entry(declared, shared)
    return {
        "type": "object",
        "properties": properties,
        "patternProperties": patterns,
        "additionalProperties": False,
    }


def _entry(declared: Input, part: str) -> Json:
    unit = f"Unit: {declared.unit}" + (f"; {allowed(declared)}." if _is_bounded(declared) else ".")
    proposed = {"properties": {"unit": {"examples": [declared.unit]}}}
    return {"description": f"{declared.note} {unit}", "allOf": [{"$ref": f"#/$defs/{part}"}, proposed]}


def _is_bounded(declared: Input) -> bool:
    return declared.low is not None or declared.high is not None
