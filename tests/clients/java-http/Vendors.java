import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.io.ByteArrayInputStream;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Java's own HttpClient, which asks for HTTP/2 in its first request: contacts of all four vendors. */
public class Vendors {
    static final String NAME = "Zoë <&> 𝄞";
    static final String ESCAPED = "Zoë &lt;&amp;&gt; 𝄞";
    static final HttpClient CLIENT = HttpClient.newHttpClient();
    static String base;

    static HttpResponse<String> ask(String method, String path, int status, String body, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(base + path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return expect(CLIENT.send(request.build(), BodyHandlers.ofString()), status);
    }

    static HttpResponse<String> expect(HttpResponse<String> answer, int status) {
        hold(answer.statusCode() == status, answer.request() + ": " + answer.statusCode() + ", not " + status + ": " + answer.body());
        return answer;
    }

    static void hold(boolean truth, String what) {
        if (!truth) {
            System.err.println(what);
            System.exit(1);
        }
    }

    static void has(HttpResponse<String> answer, String part) {
        hold(answer.body().contains(part), answer.request() + ": " + part + " is not in " + answer.body());
    }

    static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    }

    static void quentn() throws Exception {
        var path = "/quentn/public/api/V1/contact";
        String[] headers = {"Authorization", "Bearer quentn-key", "Content-Type", "application/json"};
        var contact = "{\"contact\": {\"mail\": \"zoe@example.com\", \"first_name\": \"" + NAME + "\"}}";
        var id = ask("POST", path, 200, contact, headers).body().replaceAll("[^0-9]", "");
        has(ask("GET", path + "/" + id, 200, null, headers), "\"first_name\":\"" + NAME + "\"");
        hold(ask("HEAD", path + "/" + id, 200, null, headers).body().isEmpty(), "HEAD has a body");
        has(ask("PUT", path + "/" + id, 200, "{\"first_name\": \"Zed\"}", headers), "\"success\":\"true\"");
        has(ask("POST", path, 400, "{\"contact\": {\"mail\": \"zoe\"}}", headers), "contact.mail");
        ask("GET", path + "/" + id, 401, null);
        ask("DELETE", path + "/" + id, 200, null, headers);
        ask("GET", path + "/" + id, 404, null, headers);

        // A stream's length is not known, so it goes in chunks; and once more with Expect: 100-continue.
        var bytes = contact.replace("zoe@", "chunks@").getBytes(StandardCharsets.UTF_8);
        for (var expectContinue : new boolean[] {false, true}) {
            var request = HttpRequest.newBuilder(URI.create(base + path)).headers(headers).expectContinue(expectContinue)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes))).build();
            expect(CLIENT.send(request, BodyHandlers.ofString()), 200);
        }
    }

    static void maileon() throws Exception {
        var path = "/maileon/1.0/contacts/externalid/zo%C3%AB";
        var key = "Basic " + Base64.getEncoder().encodeToString("maileon-key-0001:".getBytes(StandardCharsets.UTF_8));
        String[] headers = {"Authorization", key, "Content-Type", "application/vnd.maileon.api+xml; charset=utf-8"};
        var contact = "<contact><email>zoe@example.com</email><standard_fields><field><name>LASTNAME</name><value>"
            + ESCAPED + "</value></field></standard_fields></contact>";
        ask("POST", path + "?permission=1", 201, contact, headers);
        has(ask("GET", path + "?standard_field=LASTNAME", 200, null, headers), "<value>" + ESCAPED + "</value>");
        has(ask("POST", path + "?permission=9", 400, contact, headers), "permission");
        ask("GET", path, 401, null);
        ask("DELETE", path, 200, null, headers);
        ask("GET", path, 404, null, headers);
    }

    static void loyaltii() throws Exception {
        var path = "/loyaltii/api/v1/Contacts";
        var contact = "{\"RegistrationSource\": \"fair\", \"FirstName\": \"" + NAME + "\", \"LastName\": \"Lie\", \"Phone\": \"47123456\"}";
        has(ask("POST", path, 201, contact, "Content-Type", "application/json"), "\"FirstName\":\"" + NAME + "\"");
        has(ask("POST", path, 409, contact.replace("Lie", "Nes"), "Content-Type", "application/json"), "same phone number");
        var fields = new LinkedHashMap<>(Map.of("RegistrationSource", "web", "FirstName", NAME, "LastName", "Nes", "Phone", "47123457"));
        has(ask("POST", path, 201, form(fields), "Content-Type", "application/x-www-form-urlencoded"), "\"FirstName\":\"" + NAME + "\"");
    }

    static void cake() throws Exception {
        var path = "/cake/api/1/addedit.asmx/Contact";
        var fields = new LinkedHashMap<String, String>();
        for (var name : """
                api_key entity_type entity_id contact_id include_in_mass_email contact_first_name
                contact_middle_name contact_last_name contact_email_address contact_password contact_title
                contact_department_id contact_phone_work contact_phone_cell contact_phone_fax
                contact_im_service contact_im_name contact_timezone contact_language_id""".split("\\s+")) {
            fields.put(name, "");
        }
        fields.putAll(Map.of("api_key", "cake-key", "entity_type", "affiliate", "entity_id", "123456", "contact_id", "0",
            "include_in_mass_email", "TRUE", "contact_first_name", NAME, "contact_last_name", "Last",
            "contact_email_address", "zoe@example.com", "contact_im_service", "-1"));
        var created = "<message>Contact " + ESCAPED + " Last Created</message>";
        has(ask("GET", path + "?" + form(fields), 200, null), created);
        has(ask("POST", path, 200, form(fields), "Content-Type", "application/x-www-form-urlencoded"), created);
        fields.put("api_key", "wrong");
        has(ask("GET", path + "?" + form(fields), 200, null), "<message>Invalid API Key</message>");
        has(ask("GET", "/cake/api/1/get.asmx/Departments?api_key=cake-key", 200, null), "<department_name>Marketing</department_name>");
    }

    public static void main(String[] arguments) throws Exception {
        base = arguments[0];
        quentn();
        maileon();
        loyaltii();
        cake();
    }
}
