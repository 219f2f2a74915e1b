
CREATE TABLE counterpart_record (
    session bigint NOT NULL,
    "position" bigint NOT NULL,
    body text NOT NULL
);

CREATE TABLE counterpart_session (
    name text NOT NULL,
    id bigint NOT NULL,
    head bigint NOT NULL,
    base bigint NOT NULL,
    grown bigint NOT NULL,
    base_size bigint NOT NULL,
    leased timestamp with time zone,
    lessee bigint
);

CREATE TABLE counterpart_snapshot (
    session bigint NOT NULL,
    "position" bigint NOT NULL,
    piece integer NOT NULL,
    body text NOT NULL
);

CREATE TABLE counterpart_specs (
    format integer NOT NULL,
    body text NOT NULL
);

INSERT INTO counterpart_record VALUES (1, 1, '{"session":1,"made":{"name":"","seed":7,"began":"2026-01-01T00:00:00Z","start":"2026-01-01T00:00:00Z","frozen":true,"clock":{"at":"2026-01-01T00:00:00Z"}}}');
INSERT INTO counterpart_record VALUES (1, 2, '{"session":1,"version":1,"lastId":0,"accounts":[{"vendor":"shop","whole":true,"seed":7,"drawn":0,"settings":{"limit":100},"sequences":{"orders.id":2},"rows":{"orders":[[0,{"id":1,"name":"first","secret":"s"}]]},"outbox":{"sent":0,"messages":[],"links":[]},"windows":[]}]}
{"session":1,"version":2,"lastId":1,"accounts":[{"vendor":"shop","drawn":2,"sequences":{"orders.id":3},"rows":{"orders":[[1,{"id":2,"name":"tea","secret":"663fa9f89665655a"}]]},"messages":[{"id":1,"time":"2026-01-01T00:00:00Z","channel":"email","name":"pay","recipient":"ann@example.org","links":[["pay","z3Im0JxPDIHRxLooWeSCs9Ps"]],"data":{"id":2,"name":"tea","secret":"663fa9f89665655a"}}],"links":[{"token":"z3Im0JxPDIHRxLooWeSCs9Ps","operation":"follow_pay","parameters":{"id":2}}],"counted":{"by":"","began":1767225600,"used":1}}]}');
INSERT INTO counterpart_record VALUES (1, 3, '{"session":1,"version":3,"lastId":2,"accounts":[{"vendor":"shop","drawn":4,"sequences":{"orders.id":4},"rows":{"orders":[[2,{"id":3,"name":"cake","secret":"8a5345b88adef69a"}]]},"messages":[{"id":2,"time":"2026-01-01T00:00:00Z","channel":"email","name":"pay","recipient":"ann@example.org","links":[["pay","rrdzc9csPgCjbZgWEh1SmnXE"]],"data":{"id":3,"name":"cake","secret":"8a5345b88adef69a"}}],"links":[{"token":"rrdzc9csPgCjbZgWEh1SmnXE","operation":"follow_pay","parameters":{"id":3}}],"counted":{"by":"","began":1767225600,"used":2}}]}');
INSERT INTO counterpart_record VALUES (1, 4, '{"session":1,"vendor":"shop","counted":{"by":"","began":1767225600,"used":3}}');
INSERT INTO counterpart_record VALUES (1, 5, '{"session":1,"version":4,"lastId":4,"accounts":[{"vendor":"shop","scheduled":[{"at":"2026-01-01T01:00:00Z","number":1,"operation":"follow_pay","parameters":{"id":2},"base":""}],"counted":{"by":"","began":1767225600,"used":4}}]}');
INSERT INTO counterpart_record VALUES (1, 6, '{"session":1,"vendor":"shop","counted":{"by":"","began":1767225600,"used":5}}');
INSERT INTO counterpart_record VALUES (1119651645643806335, 1, '{"session":1119651645643806335,"made":{"name":"mine","seed":7,"began":"2026-01-01T00:00:00Z","start":"2026-01-01T00:00:00Z","frozen":true,"clock":{"at":"2026-01-01T00:00:00Z"}}}');
INSERT INTO counterpart_record VALUES (1119651645643806335, 2, '{"session":1119651645643806335,"version":0,"lastId":0,"accounts":[{"vendor":"shop","whole":true,"seed":7,"drawn":0,"settings":{"limit":100},"sequences":{"orders.id":2},"rows":{"orders":[[0,{"id":1,"name":"first","secret":"s"}]]},"outbox":{"sent":0,"messages":[],"links":[]},"windows":[]}]}
{"session":1119651645643806335,"version":1,"lastId":1,"accounts":[{"vendor":"shop","drawn":2,"sequences":{"orders.id":3},"rows":{"orders":[[1,{"id":2,"name":"tea","secret":"663fa9f89665655a"}]]},"messages":[{"id":1,"time":"2026-01-01T00:00:00Z","channel":"email","name":"pay","recipient":"ann@example.org","links":[["pay","z3Im0JxPDIHRxLooWeSCs9Ps"]],"data":{"id":2,"name":"tea","secret":"663fa9f89665655a"}}],"links":[{"token":"z3Im0JxPDIHRxLooWeSCs9Ps","operation":"follow_pay","parameters":{"id":2}}],"counted":{"by":"","began":1767225600,"used":1}}]}');
INSERT INTO counterpart_record VALUES (1119651645643806335, 3, '{"session":1119651645643806335,"version":2,"lastId":2,"accounts":[{"vendor":"shop","drawn":4,"sequences":{"orders.id":4},"rows":{"orders":[[2,{"id":3,"name":"cake","secret":"8a5345b88adef69a"}]]},"messages":[{"id":2,"time":"2026-01-01T00:00:00Z","channel":"email","name":"pay","recipient":"ann@example.org","links":[["pay","rrdzc9csPgCjbZgWEh1SmnXE"]],"data":{"id":3,"name":"cake","secret":"8a5345b88adef69a"}}],"links":[{"token":"rrdzc9csPgCjbZgWEh1SmnXE","operation":"follow_pay","parameters":{"id":3}}],"counted":{"by":"","began":1767225600,"used":2}}]}');
INSERT INTO counterpart_record VALUES (1119651645643806335, 4, '{"session":1119651645643806335,"vendor":"shop","counted":{"by":"","began":1767225600,"used":3}}');
INSERT INTO counterpart_record VALUES (1119651645643806335, 5, '{"session":1119651645643806335,"version":3,"lastId":4,"accounts":[{"vendor":"shop","scheduled":[{"at":"2026-01-01T01:00:00Z","number":1,"operation":"follow_pay","parameters":{"id":2},"base":""}],"counted":{"by":"","began":1767225600,"used":4}}]}');
INSERT INTO counterpart_record VALUES (1119651645643806335, 6, '{"session":1119651645643806335,"vendor":"shop","counted":{"by":"","began":1767225600,"used":5}}');
INSERT INTO counterpart_record VALUES (1119651645643806335, 7, '{"session":1119651645643806335,"version":4,"lastId":5,"accounts":[{"vendor":"shop","settings":{"limit":7}}]}');
INSERT INTO counterpart_record VALUES (1119651645643806335, 8, '{"session":1119651645643806335,"version":5,"lastId":5,"clock":{"at":"2026-01-01T00:30:00Z"},"accounts":[]}');

INSERT INTO counterpart_session VALUES ('', 1, 6, 0, 1882, 0, NULL, NULL);
INSERT INTO counterpart_session VALUES ('mine', 1119651645643806335, 8, 0, 2226, 0, NULL, NULL);

INSERT INTO counterpart_specs VALUES (1, '{"specs":[{"vendor":"shop","digest":"d97a28455a5b043d8bb0fe8e4b5a4968a1f954721eefbe58b414acdc12fa35ff","collections":{"orders":["id","name","secret","paid"]}}]}');

ALTER TABLE ONLY counterpart_record
    ADD CONSTRAINT counterpart_record_pkey PRIMARY KEY (session, "position");

ALTER TABLE ONLY counterpart_session
    ADD CONSTRAINT counterpart_session_pkey PRIMARY KEY (name);

ALTER TABLE ONLY counterpart_snapshot
    ADD CONSTRAINT counterpart_snapshot_pkey PRIMARY KEY (session, "position", piece);

ALTER TABLE ONLY counterpart_specs
    ADD CONSTRAINT counterpart_specs_pkey PRIMARY KEY (format);

