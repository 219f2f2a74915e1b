# A note is made, read and deleted.
curl -s https://api.notes.example/v1/notes \
  -H 'Authorization: Bearer hunter2' \
  -H 'Content-Type: application/json' \
  --data-raw '{"title": "Buy milk", "password": "hunter2"}'
curl "https://api.notes.example/v1/notes/17?fields=title&api_key=hunter2" -H "Accept: application/json"
curl -X DELETE -u 'ann:hunter2' https://api.notes.example/v1/notes/17 | jq .
curl -G https://api.notes.example/v1/search --data-urlencode 'q=two words' -d limit=5
curl -F file=@picture.png https://api.notes.example/v1/files
curl https://elsewhere.example/
