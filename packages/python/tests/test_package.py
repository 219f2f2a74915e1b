"""The package, installed: the programs, the module, the fixtures."""

import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

import counterpart as package

SPECS = """
counterpart: 1
vendor: notes
errors:
  NoSuchNote: {status: 404, body: {error: "no note ${error.value}"}}
  Invalid: {status: 400, body: {error: "${error.message}"}}
failures: {invalid: Invalid}
settings: {greeting: {type: string, default: hello}}
collections:
  notes:
    key: id
    schema: {type: object, properties: {id: {type: integer, generate: sequence}, text: {type: string}}}
    fixtures: [{id: 1, text: Buy milk}]
operations:
  - operationId: create_note
    method: POST
    path: /notes
    requestBody: {required: true, schema: {type: object, required: [text], properties: {text: {type: string, maxLength: 5}}}}
    steps:
      - insert: {in: notes, values: "${body}", as: note}
      - send: {channel: email, name: created, to: a@b.example}
      - respond: {status: 201, body: "${note}"}
  - operationId: read_note
    method: GET
    path: /notes/{id}
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - find: {in: notes, where: {id: "${path.id}"}, as: note, orElse: NoSuchNote}
      - respond: {status: 200, body: {text: "${note.text}", greeting: "${settings.greeting}", now: "${now}"}}
"""


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_both_programs_are_there():
    for name in ["counterpart-mock", "counterpart-test"]:
        said = subprocess.run([package.program(name), "--version"], capture_output=True, text=True, check=True)
        assert said.stdout.startswith(name)


def test_the_vendors_in_the_program_are_served(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with package.Mock() as mock:
        assert len(mock.vendors) == 4


def test_a_session_is_its_own(tmp_path):
    specs = tmp_path / "notes.yaml"
    specs.write_text(SPECS)
    with package.Mock(specs, seed=1, clock="2026-01-01T00:00:00Z", freeze=True) as mock:
        one, two = mock.session(), mock.session()
        status, note = post(one.url("notes") + "/notes", {"text": "ä"})
        assert (status, note) == (201, {"id": 2, "text": "ä"})
        assert one.state("notes", "notes") == [{"id": 1, "text": "Buy milk"}, {"id": 2, "text": "ä"}]
        assert one.state("notes", "notes", 2) == {"id": 2, "text": "ä"}
        assert two.state("notes") == {"notes": [{"id": 1, "text": "Buy milk"}]}
        assert [message["name"] for message in one.outbox("notes")] == ["created"]
        assert one.add("notes", "notes", {"text": "x"})["id"] == 3
        one.remove("notes", "notes", 3)
        one.replace_state("notes", "notes", [{"id": 9, "text": "y"}])
        assert len(one.state("notes", "notes")) == 1
        assert one.settings("notes") == {"greeting": "hello"}
        one.set_settings("notes", greeting="ciao")
        one.advance("PT36H")
        assert one.clock() == {"now": "2026-01-02T12:00:00Z", "frozen": True}
        one.set_clock("2027-01-01T00:00:00Z")
        with urllib.request.urlopen(one.url("notes") + "/notes/9") as answer:
            assert json.load(answer) == {"text": "y", "greeting": "ciao", "now": "2027-01-01T00:00:00Z"}
        one.reset()
        assert one.requests() == []
        post(one.url("notes") + "/notes", {"text": "z"})
        one.rewind(before=1)
        assert len(one.state("notes", "notes")) == 1
        with pytest.raises(Exception, match="404"):
            one.state("notes", "nothing")
        with pytest.raises(KeyError, match="it has notes"):
            one.url("other")


def test_a_failed_assertion_says_what_refused_the_request(tmp_path):
    specs = tmp_path / "notes.yaml"
    specs.write_text(SPECS)
    with package.Mock(specs) as mock:
        session = mock.session("why")
        with pytest.raises(AssertionError, match="there was no request"):
            session.assert_requested("create_note")
        assert post(session.url("notes") + "/notes", {"text": "too long"})[0] == 400
        with pytest.raises(AssertionError) as failed:
            session.assert_requested("create_note", status=201)
        said = str(failed.value)
        assert "expected at least once, found 0" in said
        assert "POST /@why/notes/notes  400  create_note" in said
        assert "maxLength" in said and "notes.yaml:" in said, said
        session.assert_requested("create_note", status=400, times=1)
        session.assert_not_requested("read_note")


def test_faults_befall_the_next_requests(tmp_path):
    specs = tmp_path / "notes.yaml"
    specs.write_text(SPECS)
    with package.Mock(specs) as mock:
        session = mock.session()
        session.add_fault("notes", "create_note", times=1, fault={"status": 503})
        assert len(session.faults()) == 1
        assert post(session.url("notes") + "/notes", {"text": "a"})[0] == 503
        assert post(session.url("notes") + "/notes", {"text": "a"})[0] == 201
        session.add_fault(delay="PT0.01S", fault={"status": 500})
        session.clear_faults()
        assert session.faults() == []


def test_the_token_of_the_environment_is_shown(tmp_path, monkeypatch):
    specs = tmp_path / "notes.yaml"
    specs.write_text(SPECS)
    monkeypatch.setenv("COUNTERPART_TOKEN", "let-me-in")
    with package.Mock(specs) as mock:
        assert mock.session().requests() == []
        monkeypatch.delenv("COUNTERPART_TOKEN")
        with pytest.raises(Exception, match="401"):
            mock.session().requests()


def test_a_mistake_in_a_spec_is_told(tmp_path):
    specs = tmp_path / "notes.yaml"
    specs.write_text(SPECS.replace("collections:", "colections:"))
    with pytest.raises(package.MockError, match="did you mean `collections`"):
        package.Mock(specs)


def test_the_fixtures(pytester):
    pytester.makefile(".yaml", **{"specs/notes": SPECS})
    pytester.makeini("[pytest]\ncounterpart_specs = specs\ncounterpart_arguments = --seed 1")
    pytester.makepyfile(
        """
        import pytest, urllib.request

        @pytest.mark.parametrize("number", [1, 2])
        def test_each_has_a_session(counterpart, counterpart_mock, number):
            assert counterpart.requests() == []
            urllib.request.urlopen(counterpart.url("notes") + "/notes/1").read()
            counterpart.assert_requested("read_note", times=1)
            assert counterpart_mock.vendors.keys() == {"notes"}
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=2)


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-p", "pytester"]))
