"""Samples for Java 17 or newer: `java File.java`, without a build."""

from __future__ import annotations

from propylon.kernel.certificate_files import CA_FILE, CERTIFICATE_FILE, KEY_FILE
from propylon.openapi.samples.call import SampleCall, SampleClient, all_headers, comment, needed_files, words_of
from propylon.openapi.samples.literals import java as literal

_IMPORTS = (
    "java.io.ByteArrayInputStream", "java.net.URI", "java.net.URLEncoder", "java.net.http.HttpClient",
    "java.net.http.HttpRequest", "java.net.http.HttpResponse", "java.nio.charset.StandardCharsets",
    "java.nio.file.Files", "java.nio.file.Path", "java.security.KeyFactory", "java.security.KeyStore",
    "java.security.PrivateKey", "java.security.cert.Certificate", "java.security.cert.CertificateFactory",
    "java.security.spec.PKCS8EncodedKeySpec", "java.util.Base64", "java.util.regex.Matcher",
    "java.util.regex.Pattern", "javax.net.ssl.KeyManagerFactory", "javax.net.ssl.SSLContext",
    "javax.net.ssl.TrustManagerFactory",
)  # fmt: skip
_ONLY_WITH_CERTIFICATE = (
    "KeyFactory",
    "PrivateKey",
    "PKCS8EncodedKeySpec",
    "Base64",
    "KeyManagerFactory",
    "Certificate",
)
_ONLY_WITH_TOKEN = ("URLEncoder", "Matcher", "Pattern", "StandardCharsets")

_SETTINGS = """\
    static String setting(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }
"""
_TRUST = """\
    static SSLContext tls() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        byte[] authority = Files.readAllBytes(Path.of(setting("CA_FILE", "@CA_FILE@")));
        trusted.setCertificateEntry(
            "ca", CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(authority)));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
""".replace("@CA_FILE@", CA_FILE)
_WITHOUT_IDENTITY = """\
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
"""
_WITH_IDENTITY = """\
        byte[] shown = Files.readAllBytes(Path.of(setting("CLIENT_CERTIFICATE", "@CERTIFICATE_FILE@")));
        Certificate[] chain = CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(shown)).toArray(new Certificate[0]);
        KeyStore identity = KeyStore.getInstance("PKCS12");
        identity.load(null, null);
        identity.setKeyEntry("client", privateKey(chain[0]), new char[0], chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(identity, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    static PrivateKey privateKey(Certificate certificate) throws Exception {
        String pem = Files.readString(Path.of(setting("CLIENT_KEY", "@KEY_FILE@")));
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        String algorithm = certificate.getPublicKey().getAlgorithm();
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    }
""".replace("@CERTIFICATE_FILE@", CERTIFICATE_FILE).replace("@KEY_FILE@", KEY_FILE)
_GRANTED = """\
    static String token(HttpClient http) throws Exception {
        String form = "grant_type=client_credentials&client_id=" + encoded(CLIENT_ID) + "&scope=" + encoded(SCOPE);
        HttpRequest request = HttpRequest.newBuilder(URI.create(TOKEN_URL))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        Matcher found = Pattern.compile("\\"access_token\\"\\\\s*:\\\\s*\\"([^\\"]+)\\"").matcher(answer.body());
        if (answer.statusCode() != 200 || !found.find()) {
            throw new IllegalStateException("No token: " + answer.statusCode() + " " + answer.body());
        }
        return found.group(1);
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
"""


def filename(call: SampleCall) -> str:
    return f"{_class_name(call)}.java"


def write(call: SampleCall, client: SampleClient) -> str:
    gets_token = call.needs_token and client.uses_client_credentials
    blocks = [
        "\n".join(f"// {line}" for line in (_ascii(comment(call.title)), *needed_files(call, client))),
        "\n".join(f"import {name};" for name in _imports(client, gets_token=gets_token)),
        f"public class {_class_name(call)} {{\n" + "\n".join(f"    {line}" for line in _constants(call, client)),
        "\n".join(f"    {line}".rstrip() for line in _main(call, client)),
        *([_GRANTED.rstrip("\n")] if gets_token else []),
        (_TRUST + (_WITH_IDENTITY if client.has_certificate else _WITHOUT_IDENTITY)).rstrip("\n"),
        _SETTINGS + "}\n",
    ]
    return "\n\n".join(blocks)


def _ascii(words: str) -> str:
    return words.encode("ascii", "replace").decode()


def _class_name(call: SampleCall) -> str:
    """Ends in `Sample`, so that it can be neither a keyword nor a class that is imported."""
    name = "".join(word.capitalize() for word in words_of(call.name))
    return ("" if name[0].isalpha() else "Operation") + name + "Sample"


def _imports(client: SampleClient, *, gets_token: bool) -> list[str]:
    unused = set[str]()
    if not client.has_certificate:
        unused.update(_ONLY_WITH_CERTIFICATE)
    if not gets_token:
        unused.update(_ONLY_WITH_TOKEN)
    return [name for name in _IMPORTS if name.rpartition(".")[2] not in unused]


def _constants(call: SampleCall, client: SampleClient) -> list[str]:
    lines = [f"static final String URL = {literal(call.url)};"]
    if call.needs_token and client.uses_client_credentials:
        client_id = literal(client.client_id) if client.client_id else 'setting("CLIENT_ID", "")'
        lines += [
            f"static final String TOKEN_URL = {literal(call.token_url)};",
            f"static final String CLIENT_ID = {client_id};",
            f"static final String SCOPE = {literal(call.scope)};",
        ]
    return lines


def _main(call: SampleCall, client: SampleClient) -> list[str]:
    lines = [
        "public static void main(String[] arguments) throws Exception {",
        "    HttpClient http = HttpClient.newBuilder().sslContext(tls()).build();",
    ]
    if call.needs_token and client.uses_client_credentials:
        lines += ["    // Step 1: token. The client certificate says who you are (RFC 8705, section 2.1).",
                  "    String token = token(http);"]  # fmt: skip
    elif call.needs_token:
        lines += ["    // The access token that your application got by the authorization code flow.",
                  '    String token = setting("ACCESS_TOKEN", "");']  # fmt: skip
    lines += [
        "    // Step 2: the call." if call.needs_token else "    // The call.",
        "    HttpRequest request = HttpRequest.newBuilder(URI.create(URL))",
    ]
    if call.needs_token:
        lines.append('        .header("Authorization", "Bearer " + token)')
    lines += [f"        .header({literal(name)}, {literal(value)})" for name, value in all_headers(call)]
    lines += [
        f"        .method({literal(call.method)}, {_publisher(call)})",
        "        .build();",
        "    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());",
        '    String trackingId = answer.headers().firstValue("RequestTrackingId").orElse("");',
        '    System.err.println("Status " + answer.statusCode() + ", RequestTrackingId " + trackingId);',
        "    System.out.println(answer.body());",
        "    System.exit(answer.statusCode() < 400 ? 0 : 1);",
        "}",
    ]
    return lines


def _publisher(call: SampleCall) -> str:
    if call.body is None:
        return "HttpRequest.BodyPublishers.noBody()"
    lines = call.body.split("\n")
    pieces = [literal(line + "\n") for line in lines[:-1]] + [literal(lines[-1])]
    return "HttpRequest.BodyPublishers.ofString(\n" + " +\n".join(f"                {piece}" for piece in pieces) + ")"
