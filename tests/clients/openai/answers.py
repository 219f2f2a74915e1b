"""openai, OpenAI's own: answers, streams of events, tools, embeddings, files, a connection that breaks.

    answers.py BASE
"""

import json
import sys
from urllib.request import Request, urlopen

import openai

BASE = sys.argv[1]
CONTROL = f"{BASE}/@openai/_counterpart"


def control(method, call, body):
    data = json.dumps(body).encode()
    urlopen(Request(f"{CONTROL}/{call}", data, {"Content-Type": "application/json"}, method=method)).close()


def client(key="sk-test", retries=0):
    return openai.OpenAI(api_key=key, base_url=f"{BASE}/@openai/openai/v1", max_retries=retries)


def is_refused(kind, code, request):
    try:
        request()
    except kind as refusal:
        assert refusal.code == code, f"{refusal.code}, not {code}"
        assert refusal.request_id.startswith("req_"), refusal.request_id
        return
    raise AssertionError(f"was not refused with {kind.__name__}")


def ask(text, **more):
    return ai.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}], **more)


ai = client()
assert [model.id for model in ai.models.list()] == ["gpt-4o-mini", "text-embedding-3-small"]

answer = ask("Hello!")
assert answer.choices[0].message.content == "Hello there friend" and answer.usage.total_tokens == 4, answer
cut = ask("Hello!", max_completion_tokens=1).choices[0]
assert (cut.message.content, cut.finish_reason) == ("Hello", "length"), cut
tool = ask("The weather?", tools=[{"type": "function", "function": {"name": "get_weather"}}]).choices[0]
assert tool.finish_reason == "tool_calls" and tool.message.content is None, tool
assert json.loads(tool.message.tool_calls[0].function.arguments) == {"city": "Oslo"}, tool

# A stream, event by event, and put together by the library.
chunks = list(ask("Hello!", stream=True, stream_options={"include_usage": True}))
assert [chunk.choices[0].delta.content for chunk in chunks[:-2]] == ["Hello", " there", " friend"], chunks
assert chunks[-2].choices[0].finish_reason == "stop" and chunks[-1].usage.completion_tokens == 3, chunks
assert len({chunk.id for chunk in chunks}) == 1, chunks
with ai.chat.completions.stream(model="gpt-4o-mini", messages=[{"role": "user", "content": "The weather?"}]) as stream:
    final = stream.get_final_completion().choices[0]
assert final.finish_reason == "tool_calls" and final.message.tool_calls[0].function.name == "get_weather", final

is_refused(openai.NotFoundError, "model_not_found", lambda: ai.chat.completions.create(model="x", messages=[{"role": "user", "content": "x"}]))
is_refused(openai.BadRequestError, None, lambda: ask("Hello!", temperature=3))
is_refused(openai.AuthenticationError, "invalid_api_key", lambda: client("another").models.list())

embeddings = ai.embeddings.create(model="text-embedding-3-small", input=["a", "bcd"]).data
assert [(one.index, one.embedding[0]) for one in embeddings] == [(0, 1), (1, 3)], embeddings

made = [ai.files.create(file=(f"{number}.jsonl", b'{"a": 1}\n'), purpose="batch") for number in range(3)]
assert [file.filename for file in ai.files.list(limit=2)] == ["0.jsonl", "1.jsonl", "2.jsonl"]
assert ai.files.content(made[1].id).read() == b'{"a": 1}\n'
assert ai.files.delete(made[1].id).deleted
is_refused(openai.NotFoundError, None, lambda: ai.files.content(made[1].id))

# A connection that breaks: the library tries again by itself.
control("PUT", "faults", [{"vendor": "openai", "operation": "complete", "times": 1, "fault": "reset"}])
ai = client(retries=1)
assert ask("Hello!").choices[0].message.content == "Hello there friend"
