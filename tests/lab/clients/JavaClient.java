// Calls the token endpoint and the API with java.net.http or HttpURLConnection; prints the traceback of a failure.
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

public class JavaClient {
  static final boolean PATIENT = System.getenv("CAPTURE_PATIENT") != null;

  interface Ask { String ask(String method, String path, String body, String token) throws Exception; }

  public static void main(String[] arguments) throws Exception {
    String base = arguments[1];
    Ask ask = arguments[0].equals("java_http_client") ? viaHttpClient(base) : viaConnection(base);
    String form = "grant_type=client_credentials&client_id=" + System.getenv("ALTERYX_CLIENT_ID")
        + "&client_secret=" + System.getenv("ALTERYX_CLIENT_SECRET");
    String answer = ask.ask("POST", "oauth2/token", form, null);
    int start = answer.indexOf("\"access_token\"");
    if (start < 0) throw new IOException("no access_token in " + answer.substring(0, Math.min(600, answer.length())));
    String token = answer.substring(start).split("\"")[3];
    for (String path : new String[] {"v3/workflows", "v3/users"}) ask.ask("GET", path, null, token);
  }

  static Ask viaHttpClient(String base) {
    HttpClient.Builder builder = HttpClient.newBuilder().proxy(ProxySelector.getDefault());
    if (!PATIENT) builder.connectTimeout(Duration.ofSeconds(2));
    HttpClient client = builder.build();
    return (method, path, body, token) -> {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + "/" + path));
      if (!PATIENT) request.timeout(Duration.ofSeconds(3));
      request.method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
      if (body != null) request.header("Content-Type", "application/x-www-form-urlencoded");
      if (token != null) request.header("Authorization", "Bearer " + token);
      HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) throw new IOException("HTTP " + answer.statusCode() + " for " + answer.uri() + ": " + answer.body());
      return answer.body();
    };
  }

  static Ask viaConnection(String base) {
    return (method, path, body, token) -> {
      HttpURLConnection connection = (HttpURLConnection) new URL(base + "/" + path).openConnection();
      connection.setRequestMethod(method);
      if (!PATIENT) { connection.setConnectTimeout(2000); connection.setReadTimeout(3000); }
      if (token != null) connection.setRequestProperty("Authorization", "Bearer " + token);
      if (body != null) {
        connection.setDoOutput(true);
        connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
      }
      return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    };
  }
}
