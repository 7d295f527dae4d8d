from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core import outputs

PYTHON = {"result": {"message": "no such role"}, "stdout": "", "stderr": "Traceback ...",
          "exit_code": 1}
SHELL = {"stdout": "", "stderr": "no space left", "return_code": 3, "failed": True}
REMOTE = {"10.0.0.7": {"stdout": "fine so far", "stderr": "no route", "return_code": 1}}
INSIDE = {"output": {"answer": PYTHON}, "errors": [
    {"type": "error", "message": "Execution failed. See result for details.", "task_id": "act"}]}
UNKNOWN = {"output": {"answer": None}, "errors": [
    {"type": "error", "message": 'Action "a.b" cannot be found.', "task_id": "act"}]}


@pytest.mark.parametrize(("answer", "said"), [
    (PYTHON, "no such role"), (SHELL, "no space left"), (REMOTE, "no route"),
    (INSIDE, "no such role"), (UNKNOWN, 'Action "a.b" cannot be found.'), ("text", "text"),
    ({"code": 7}, '{"code": 7}'), (None, ""), ({"result": "None", "stderr": "x"}, "x"),
    ({"error": "Action failed to complete in 60 seconds", "stdout": "1 of 3"},
     "Action failed to complete in 60 seconds")])
def test_what_says_most_is_the_end_of_what_is_shown(answer, said):
    assert outputs.shown(answer).endswith(said)


@pytest.mark.parametrize("answer", [
    {"result": ["a", "b"]}, {"result": {"names": ["a", "b"]}}, {"stdout": ["a", "b"]},
    {"stdout": "a\nb"}, {"stdout": "a, b"}, {"stdout": '["a", "b"]'}, ["a", "b"],
    {"output": {"victims": ["a", "b"]}}, {"output": {"answer": {"result": ["a", "b"]}}}])
def test_names_are_found_in_whatever_shape_a_runner_answers(answer):
    assert outputs.names(answer) == ("a", "b")


@pytest.mark.parametrize("answer", [
    None, 3, True, {}, {"result": None}, {"result": [1, 2]}, {"result": "None"}, [["a"]]])
def test_what_holds_no_names_answers_none(answer):
    assert outputs.names(answer) == ()


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
                    | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=10)


@given(JSON)
def test_any_answer_can_be_shown_and_asked_for_names(answer):
    assert len(outputs.shown(answer)) <= outputs.MOST
    assert all(isinstance(name, str) for name in outputs.names(answer))


def test_parameters_that_are_called_secret_are_secrets():
    given_them = {"db_password": "hunter22", "role": "web", "token": "abcdef", "keys": [1]}
    assert outputs.secrets_among(given_them) == ["hunter22", "abcdef"]
    assert "hunter22" not in outputs.shown({"stderr": "login hunter22 refused"}, ["hunter22"])
